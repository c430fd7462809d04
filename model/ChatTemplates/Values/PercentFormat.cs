using System.Globalization;
using System.Text;

namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Python's <c>'%s' % value</c> with the conversions s, r, d, i, x and f, a width and a precision.</summary>
internal static class PercentFormat
{
    private const int MaxDigits = 64;

    public static string Apply(string format, object? arguments, RenderBudget budget)
    {
        var values = arguments is TemplateTuple tuple ? tuple.Items : [arguments];
        var result = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }

            var start = ++i;
            while (i < format.Length && (char.IsAsciiDigit(format[i]) || format[i] is '.' or '-')) i++;
            if (i == format.Length) throw new TemplateValueException("a format ends within a conversion");
            if (format[i] == '%')
            {
                result.Append('%');
                continue;
            }

            if (next == values.Length) throw new TemplateValueException("a format has more conversions than values");
            result.Append(Convert(format[start..i], format[i], values[next++], budget));
        }

        if (next < values.Length && arguments is not TemplateDictionary) throw new TemplateValueException("a format has fewer conversions than values");
        return budget.Text(result.ToString());
    }

    private static string Convert(string options, char conversion, object? value, RenderBudget budget)
    {
        var isLeft = options.StartsWith('-');
        var parts = options.TrimStart('-').Split('.');
        var isZeroed = parts[0].StartsWith('0') && !isLeft;
        var precision = parts.Length > 1 ? Digits(parts[1]) : -1;
        var text = conversion switch
        {
            's' => Cut(TextForm.Of(value, budget), precision),
            'r' => Cut(TextForm.Repr(value, budget), precision),
            'd' or 'i' => (value is double real ? (long)real : Numbers.ToInteger(value)).ToString(CultureInfo.InvariantCulture),
            'x' => Numbers.ToInteger(value).ToString("x", CultureInfo.InvariantCulture),
            'f' => Numbers.ToDouble(value).ToString($"F{(precision < 0 ? 6 : precision)}", CultureInfo.InvariantCulture),
            _ => throw new TemplateValueException($"the conversion '%{conversion}' is not supported"),
        };
        var width = Digits(parts[0]);
        return isLeft ? text.PadRight(width) : text.PadLeft(width, isZeroed && conversion is not ('s' or 'r') ? '0' : ' ');
    }

    private static string Cut(string text, int precision) => precision >= 0 && precision < text.Length ? text[..precision] : text;

    private static int Digits(string text) => text.Length == 0 ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxDigits ? number
        : throw new TemplateValueException($"a conversion of {text} characters is not supported");
}
