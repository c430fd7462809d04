using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Methods of texts.</summary>
internal static class TextMethods
{
    public static readonly OperationTable Table = new()
    {
        { "strip", ["chars"], static call => Strip(call, atStart: true, atEnd: true) },
        { "lstrip", ["chars"], static call => Strip(call, atStart: true, atEnd: false) },
        { "rstrip", ["chars"], static call => Strip(call, atStart: false, atEnd: true) },
        { "split", ["sep", "maxsplit"], static call => TextSplitting.Split(call, fromEnd: false) },
        { "rsplit", ["sep", "maxsplit"], static call => TextSplitting.Split(call, fromEnd: true) },
        { "splitlines", static call => PythonText.SplitLines(call.Budget.Text(Subject(call))) },
        { "partition", ["sep"], static call => TextSplitting.Partition(call, fromEnd: false) },
        { "rpartition", ["sep"], static call => TextSplitting.Partition(call, fromEnd: true) },
        { "startswith", ["prefix", "start"], static call => IsAny(call, static (text, part) => text.StartsWith(part, StringComparison.Ordinal)) },
        { "endswith", ["suffix", "start"], static call => IsAny(call, static (text, part) => text.EndsWith(part, StringComparison.Ordinal)) },
        { "removeprefix", ["prefix"], static call => Subject(call) is var text && text.StartsWith(call.Text(0), StringComparison.Ordinal) ? text[call.Text(0).Length..] : text },
        { "removesuffix", ["suffix"], static call => Subject(call) is var text && text.EndsWith(call.Text(0), StringComparison.Ordinal) ? text[..^call.Text(0).Length] : text },
        { "replace", ["old", "new", "count"], static call => Replace(Subject(call), call.Text(0), call.Text(1), call.Integer(2, -1), call.Budget) },
        { "upper", static call => call.Budget.Text(PythonText.Upper(Subject(call))) },
        { "lower", static call => call.Budget.Text(PythonText.Lower(Subject(call))) },
        { "title", static call => call.Budget.Text(PythonText.Title(Subject(call))) },
        { "capitalize", static call => call.Budget.Text(PythonText.Capitalize(Subject(call))) },
        { "join", ["items"], static call => Join(Subject(call), Items.Of(call[0]), call.Budget) },
        { "format", ["*"], BraceFormat.Apply },
        { "find", ["sub"], static call => Place(Subject(call), Subject(call).IndexOf(call.Text(0), StringComparison.Ordinal)) },
        { "rfind", ["sub"], static call => Place(Subject(call), Subject(call).LastIndexOf(call.Text(0), StringComparison.Ordinal)) },
        { "index", ["sub"], Index },
        { "count", ["sub"], static call => call.Text(0) is { Length: > 0 } part ? (long)Subject(call).AsSpan().Count(part) : PythonText.Length(Subject(call)) + 1L },
        { "isdigit", static call => IsAll(call, char.IsDigit) },
        { "isalpha", static call => IsAll(call, char.IsLetter) },
        { "isalnum", static call => IsAll(call, char.IsLetterOrDigit) },
        { "isspace", static call => IsAll(call, PythonText.IsSpace) },
        { "isupper", static call => Subject(call) is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower) },
        { "islower", static call => Subject(call) is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper) },
    };

    /// <summary>Replaces the first <paramref name="count"/> occurrences, or all for a negative count.</summary>
    public static string Replace(string text, string old, string replacement, long count, RenderBudget budget)
    {
        if (old.Length == 0) return ReplaceNothing(text, replacement, count, budget);

        var occurrences = text.AsSpan().Count(old);
        if (count >= 0) occurrences = (int)Math.Min(occurrences, count);
        budget.SpendText(text.Length + (occurrences * ((long)replacement.Length - old.Length)));
        if (occurrences == 0) return text;
        if (count < 0) return text.Replace(old, replacement, StringComparison.Ordinal);

        var parts = text.Split(old, occurrences + 1);
        return string.Join(replacement, parts);
    }

    public static string Join(string separator, IReadOnlyList<object?> items, RenderBudget budget)
    {
        var texts = new string[items.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = items[i] as string ?? throw new TemplateValueException($"item {i} is no text, but a {TypeNames.Of(items[i])}");
            budget.SpendText(texts[i].Length + separator.Length);
        }

        return string.Join(separator, texts);
    }

    public static string Strip(string text, string? characters, bool atStart, bool atEnd, RenderBudget budget)
    {
        var rest = text.AsSpan();
        if (atStart) rest = characters is null ? PythonText.TrimStart(rest) : rest.TrimStart(characters);
        if (atEnd) rest = characters is null ? PythonText.TrimEnd(rest) : rest.TrimEnd(characters);
        return rest.Length == text.Length ? text : budget.Text(rest.ToString());
    }

    private static string Subject(OperationCall call) => (string)call.Subject!;

    private static string Strip(OperationCall call, bool atStart, bool atEnd) =>
        Strip(Subject(call), call.Or(0, null) is null ? null : call.Text(0), atStart, atEnd, call.Budget);

    private static bool IsAny(OperationCall call, Func<string, string, bool> test)
    {
        var text = call.Has(1) ? (string)Lookup.Slice(call.Subject, call[1], null, null, call.Budget)! : Subject(call);
        return call[0] is TemplateTuple { Items: var parts } ? parts.Any(part => part is string one && test(text, one)) : test(text, call.Text(0));
    }

    private static bool IsAll(OperationCall call, Func<char, bool> test) => Subject(call) is { Length: > 0 } text && text.All(test);

    private static long Place(string text, int index) => index < 0 ? -1L : PythonText.Length(text[..index]);

    private static object Index(OperationCall call) =>
        Subject(call).IndexOf(call.Text(0), StringComparison.Ordinal) is var index and >= 0
            ? Place(Subject(call), index)
            : throw new TemplateValueException("the text does not contain the other");

    // Python finds an empty text before every character and at the end.
    private static string ReplaceNothing(string text, string replacement, long count, RenderBudget budget)
    {
        var characters = PythonText.Characters(text);
        var places = count < 0 ? characters.Length + 1 : (int)Math.Min(characters.Length + 1, count);
        budget.SpendText(text.Length + ((long)places * replacement.Length));
        return string.Concat(Enumerable.Range(0, characters.Length + 1).Select(i => (i < places ? replacement : "") + (i < characters.Length ? characters[i] : "")));
    }
}
