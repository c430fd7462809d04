using System.Globalization;
using System.Text;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Python's <c>'{} {1} {name}'.format(…)</c>, without format specifications.</summary>
internal static class BraceFormat
{
    public static object Apply(OperationCall call)
    {
        var format = (string)call.Subject!;
        var result = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is not ('{' or '}'))
            {
                result.Append(c);
            }
            else if (i + 1 < format.Length && format[i + 1] == c)
            {
                result.Append(c);
                i++;
            }
            else
            {
                var end = c == '{' ? format.IndexOf('}', i) : -1;
                if (end < 0) throw new TemplateValueException($"a single '{c}' in a format");
                result.Append(call.Budget.Text(TextForm.Of(Value(call.Arguments, format[(i + 1)..end], ref next), call.Budget)));
                i = end;
            }
        }

        return call.Budget.Text(result.ToString());
    }

    private static object? Value(CallArguments arguments, string field, ref int next)
    {
        if (field.Length == 0 || char.IsAsciiDigit(field[0]))
        {
            var index = field.Length == 0 ? next++ : int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
            return index < arguments.Positional.Count ? arguments.Positional[index] : throw new TemplateValueException("a format has more fields than values");
        }

        foreach (var (name, value) in arguments.Named)
            if (name == field) return value;
        throw new TemplateValueException($"a format has the field '{field}', for which there is no value");
    }
}
