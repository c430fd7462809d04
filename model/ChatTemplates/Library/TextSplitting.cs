using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Python's ways to cut a text.</summary>
internal static class TextSplitting
{
    public static object Split(OperationCall call, bool fromEnd)
    {
        var text = (string)call.Subject!;
        var limit = call.Integer(1, -1) is var count and >= 0 and < int.MaxValue ? (int)count : int.MaxValue - 1;
        if (call.Or(0, null) is not null && call.Text(0).Length == 0) throw new TemplateValueException("a text cannot be split at an empty one");

        call.Budget.Spend(text.Length / 4);
        var parts = call.Or(0, null) is null ? AtSpaces(text, limit, fromEnd) : fromEnd ? FromEnd(text, call.Text(0), limit) : [.. text.Split(call.Text(0), limit + 1)];
        call.Budget.Spend(parts.Count);
        return parts;
    }

    public static object Partition(OperationCall call, bool fromEnd)
    {
        var text = (string)call.Subject!;
        var separator = call.Text(0);
        if (separator.Length == 0) throw new TemplateValueException("a text cannot be split at an empty one");

        var index = fromEnd ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        if (index < 0) return new TemplateTuple(fromEnd ? ["", "", text] : [text, "", ""]);
        call.Budget.SpendText(text.Length);
        return new TemplateTuple([text[..index], separator, text[(index + separator.Length)..]]);
    }

    private static List<object?> FromEnd(string text, string separator, int limit)
    {
        var parts = new List<object?>();
        var end = text.Length;
        while (parts.Count < limit && text.AsSpan(0, end).LastIndexOf(separator) is var index and >= 0)
        {
            parts.Add(text[(index + separator.Length)..end]);
            end = index;
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    /// <summary>At runs of whitespace, without empty parts.</summary>
    private static List<object?> AtSpaces(string text, int limit, bool fromEnd)
    {
        var parts = new List<object?>();
        var rest = text.AsSpan();
        while (true)
        {
            rest = fromEnd ? PythonText.TrimEnd(rest) : PythonText.TrimStart(rest);
            if (rest.IsEmpty) break;
            if (parts.Count == limit)
            {
                parts.Add(rest.ToString());
                break;
            }

            var length = 0;
            while (length < rest.Length && !PythonText.IsSpace(rest[fromEnd ? ^(length + 1) : length])) length++;
            parts.Add((fromEnd ? rest[^length..] : rest[..length]).ToString());
            rest = fromEnd ? rest[..^length] : rest[length..];
        }

        if (fromEnd) parts.Reverse();
        return parts;
    }
}
