using System.Globalization;
using System.Text;

namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Values as text, as Python's <c>str</c> and <c>repr</c> write them.</summary>
internal static class TextForm
{
    public static string Of(object? value, RenderBudget budget)
    {
        if (value is string text) return text;
        if (value is Undefined) return "";

        var result = new StringBuilder();
        AppendRepr(result, value, budget);
        return result.ToString();
    }

    public static string Repr(object? value, RenderBudget budget)
    {
        var result = new StringBuilder();
        AppendRepr(result, value, budget);
        return result.ToString();
    }

    /// <summary>The shortest digits that read back as the same number.</summary>
    public static string OfNumber(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";

        // "R" gives the right digits; Python only changes to powers of ten elsewhere: below 1e-4 and from 1e16.
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        if (Math.Abs(value) is >= 1e16 and < 1e17) shortest = WithPower(shortest);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        if (mark < 0) return shortest.Contains('.', StringComparison.Ordinal) ? shortest : shortest + ".0";

        var power = int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return power is >= 0 and < 16
            ? value.ToString("0.0", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{shortest[..mark]}e{(power < 0 ? '-' : '+')}{Math.Abs(power):00}");
    }

    /// <summary>Of the only seventeen digits that the framework still writes in full.</summary>
    private static string WithPower(string digits)
    {
        var first = digits.StartsWith('-') ? 2 : 1;
        var fraction = digits[first..].TrimEnd('0');
        return $"{digits[..first]}{(fraction.Length > 0 ? "." : "")}{fraction}E+16";
    }

    private static void AppendRepr(StringBuilder result, object? value, RenderBudget budget)
    {
        budget.Step();
        switch (value)
        {
            case null:
                result.Append("None");
                break;
            case bool truth:
                result.Append(truth ? "True" : "False");
                break;
            case long number:
                result.Append(number);
                break;
            case double number:
                result.Append(OfNumber(number));
                break;
            case string text:
                budget.SpendText(text.Length);
                AppendRepr(result, text);
                break;
            case List<object?> list:
                AppendItems(result, '[', list, ']', budget);
                break;
            case TemplateTuple { Items: [var only] }:
                AppendRepr(result.Append('('), only, budget);
                result.Append(",)");
                break;
            case TemplateTuple tuple:
                AppendItems(result, '(', tuple.Items, ')', budget);
                break;
            case TemplateDictionary dictionary:
                AppendEntries(result, dictionary, budget);
                break;
            default:
                result.Append(value is Undefined ? "Undefined" : $"<{TypeNames.Of(value)}>");
                break;
        }
    }

    private static void AppendItems(StringBuilder result, char open, IReadOnlyList<object?> items, char close, RenderBudget budget)
    {
        result.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) result.Append(", ");
            AppendRepr(result, items[i], budget);
        }

        result.Append(close);
    }

    private static void AppendEntries(StringBuilder result, TemplateDictionary dictionary, RenderBudget budget)
    {
        result.Append('{');
        var isFirst = true;
        foreach (var (key, value) in dictionary.Entries)
        {
            if (!isFirst) result.Append(", ");
            isFirst = false;
            AppendRepr(result, key, budget);
            AppendRepr(result.Append(": "), value, budget);
        }

        result.Append('}');
    }

    private static void AppendRepr(StringBuilder result, string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        result.Append(quote);
        foreach (var c in text)
        {
            if (c == quote || c == '\\') result.Append('\\').Append(c);
            else if (c is '\n' or '\r' or '\t') result.Append('\\').Append(c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
            else if (c < 0x100 && char.IsControl(c)) result.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else result.Append(c);
        }

        result.Append(quote);
    }
}
