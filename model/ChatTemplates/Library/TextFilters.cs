using System.Text;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Filters that make texts.</summary>
internal static class TextFilters
{
    public static readonly OperationTable Table = new()
    {
        { "upper", static call => call.Budget.Text(PythonText.Upper(call.SubjectText)) },
        { "lower", static call => call.Budget.Text(PythonText.Lower(call.SubjectText)) },
        { "title", static call => Title(call.Budget.Text(call.SubjectText)) },
        { "capitalize", static call => call.Budget.Text(PythonText.Capitalize(call.SubjectText)) },
        { "trim", ["chars"], static call => TextMethods.Strip(call.SubjectText, call.Or(0, null) is null ? null : call.Text(0), true, true, call.Budget) },
        { "replace", ["s", "new", "count"], Replace },
        { "string", static call => call.SubjectText },
        { "safe", static call => call.SubjectText },
        { "escape", static call => Escape(call) },
        { "indent", ["width", "first", "blank"], Indent },
        { "join", ["d", "attribute"], Join },
        { "tojson", ["ensure_ascii", "indent", "separators", "sort_keys"], ToJson },
        { "format", ["*"], static call => PercentFormat.Apply(call.SubjectText, new TemplateTuple([.. call.Arguments.Positional]), call.Budget) },
        { "wordcount", static call => (long)call.SubjectText.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length },
    };

    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var isAtStart = true;
        foreach (var c in text)
        {
            result.Append(isAtStart ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
            isAtStart = PythonText.IsSpace(c) || c is '-' or '(' or '{' or '[' or '<';
        }

        return result.ToString();
    }

    private static object Replace(OperationCall call) => TextMethods.Replace(
        call.SubjectText, TextForm.Of(call[0], call.Budget), TextForm.Of(call[1], call.Budget), call.Or(2, null) is null ? -1 : call.Integer(2, -1), call.Budget);

    private static string Escape(OperationCall call)
    {
        var text = new StringBuilder(call.SubjectText)
            .Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;");
        return call.Budget.Text(text.ToString());
    }

    private static object Indent(OperationCall call)
    {
        var indent = call.Or(0, 4L) as string ?? Spaces(call, call.Integer(0, 4));
        var lines = PythonText.SplitLines(call.SubjectText + "\n");
        call.Budget.SpendText((long)lines.Count * indent.Length);
        var result = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = (string)lines[i]!;
            if (i > 0) result.Append('\n');
            if (i == 0 ? call.Flag(1) : line.Length > 0 || call.Flag(2)) result.Append(indent);
            result.Append(line);
        }

        return call.Budget.Text(result.ToString());
    }

    private static object Join(OperationCall call)
    {
        var get = SequenceFilters.Getter(call.Or(1, null));
        return TextMethods.Join(
            TextForm.Of(call.Or(0, ""), call.Budget), [.. call.SubjectItems.Select(item => TextForm.Of(get(item), call.Budget))], call.Budget);
    }

    private static object ToJson(OperationCall call)
    {
        var indent = call.Or(1, null) switch { null => null, string text => text, var width => Spaces(call, Numbers.ToInteger(width)) };
        var (item, key) = (indent is null ? ", " : ",", ": ");
        if (call.Or(2, null) is { } separators)
        {
            if (Items.Of(separators) is not [string first, string second]) throw new TemplateValueException("'separators' are two texts");
            (item, key) = (first, second);
        }

        return call.Budget.Text(new JsonForm(indent, item, key, call.Flag(3), call.Flag(0), call.Budget).Write(call.Subject));
    }

    private static string Spaces(OperationCall call, long count)
    {
        call.Budget.SpendText(Math.Max(0, count));
        return new string(' ', (int)Math.Clamp(count, 0, int.MaxValue));
    }
}
