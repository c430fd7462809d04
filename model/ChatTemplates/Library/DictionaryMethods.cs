using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Methods of dictionaries.</summary>
internal static class DictionaryMethods
{
    public static readonly OperationTable Table = new()
    {
        { "get", ["key", "default"], static call => Dictionary(call).TryGet(call[0], out var value) ? value : call.Or(1, null) },
        { "keys", static call => new List<object?>(Dictionary(call).Keys) },
        { "values", static call => new List<object?>(Dictionary(call).Values) },
        { "items", static call => Pairs(Dictionary(call)) },
        { "copy", static call => Copy(Dictionary(call)) },
        { "pop", ["key", "default"], Pop },
        { "update", ["*"], Update },
        { "setdefault", ["key", "default"], SetDefault },
        { "clear", Clear },
    };

    /// <summary>Keys and values as tuples.</summary>
    public static List<object?> Pairs(TemplateDictionary dictionary) =>
        [.. dictionary.Entries.Select(static entry => new TemplateTuple([entry.Key, entry.Value]))];

    private static TemplateDictionary Dictionary(OperationCall call) => (TemplateDictionary)call.Subject!;

    private static TemplateDictionary Copy(TemplateDictionary dictionary)
    {
        var copy = new TemplateDictionary();
        foreach (var (key, value) in dictionary.Entries) copy[key] = value;
        return copy;
    }

    private static object? Pop(OperationCall call)
    {
        if (!Dictionary(call).TryGet(call[0], out var value)) return call.Has(1) ? call[1] : throw new TemplateValueException("the dictionary has no such key");
        Dictionary(call).Remove(call[0]);
        return value;
    }

    private static object? Update(OperationCall call)
    {
        GlobalFunctions.Fill(Dictionary(call), call);
        return null;
    }

    private static object? SetDefault(OperationCall call)
    {
        if (Dictionary(call).TryGet(call[0], out var value)) return value;
        call.Budget.Spend(1);
        return Dictionary(call)[call[0]] = call.Or(1, null);
    }

    private static object? Clear(OperationCall call)
    {
        Dictionary(call).Clear();
        return null;
    }
}
