using System.Globalization;
using System.Text;

namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Values as JSON, as Python's <c>json.dumps</c> writes them: what chat templates call <c>tojson</c>.</summary>
/// <param name="indent">What each level is indented by; null for everything on one line.</param>
/// <param name="itemSeparator">Between items.</param>
/// <param name="keySeparator">Between key and value.</param>
/// <param name="sortsKeys">Whether keys come in order.</param>
/// <param name="escapesAll">Whether only ASCII is written.</param>
/// <param name="budget">Pays for it.</param>
internal sealed class JsonForm(string? indent, string itemSeparator, string keySeparator, bool sortsKeys, bool escapesAll, RenderBudget budget)
{
    private readonly StringBuilder _result = new();

    /// <exception cref="TemplateValueException">JSON has no such value.</exception>
    public string Write(object? value)
    {
        Append(value, 0);
        return _result.ToString();
    }

    private void Append(object? value, int depth)
    {
        budget.Step();
        switch (value)
        {
            case string text:
                AppendText(text);
                break;
            case null or bool or long or double:
                _result.Append(Scalar(value));
                break;
            case List<object?> or TemplateTuple:
                AppendAll('[', ']', depth, Items.Of(value), item => Append(item, depth + 1));
                break;
            case TemplateDictionary dictionary:
                var entries = sortsKeys ? Equality.Sorted(dictionary.Entries, static entry => entry.Key, isReversed: false) : [.. dictionary.Entries];
                AppendAll('{', '}', depth, entries, entry =>
                {
                    AppendText(entry.Key as string ?? Scalar(entry.Key));
                    _result.Append(keySeparator);
                    Append(entry.Value, depth + 1);
                });
                break;
            default:
                throw new TemplateValueException($"a value of type {TypeNames.Of(value)} cannot be written as JSON");
        }
    }

    private void AppendAll<T>(char open, char close, int depth, IReadOnlyList<T> items, Action<T> append)
    {
        _result.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) _result.Append(itemSeparator);
            AppendLine(depth + 1);
            append(items[i]);
        }

        if (items.Count > 0) AppendLine(depth);
        _result.Append(close);
    }

    private void AppendLine(int depth)
    {
        if (indent is null) return;
        budget.SpendText(indent.Length * (long)depth);
        _result.Append('\n').Insert(_result.Length, indent, depth);
    }

    private void AppendText(string text)
    {
        budget.SpendText(text.Length);
        _result.Append('"');
        foreach (var c in text)
        {
            var escape = c switch { '"' => '"', '\\' => '\\', '\n' => 'n', '\r' => 'r', '\t' => 't', '\b' => 'b', '\f' => 'f', _ => '\0' };
            if (escape != '\0') _result.Append('\\').Append(escape);
            else if (c < ' ' || (escapesAll && c > '~')) _result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else _result.Append(c);
        }

        _result.Append('"');
    }

    private static string Scalar(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number when double.IsNaN(number) => "NaN",
        double number when double.IsInfinity(number) => number > 0 ? "Infinity" : "-Infinity",
        double number => TextForm.OfNumber(number),
        _ => throw new TemplateValueException($"a key of type {TypeNames.Of(value)} cannot be written as JSON"),
    };
}
