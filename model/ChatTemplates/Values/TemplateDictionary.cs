namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Keys and values in the order in which they were added; keys are equal as in Python, so 1, 1.0 and true are one key.</summary>
internal sealed class TemplateDictionary
{
    // A key is never null to the dictionary: none has a stand-in.
    private static readonly object s_none = new();

    private readonly OrderedDictionary<object, object?> _entries = new(ValueComparer.Instance);

    public int Count => _entries.Count;

    public IEnumerable<object?> Keys => _entries.Keys.Select(static key => key == s_none ? null : key);

    public IEnumerable<object?> Values => _entries.Values;

    public IEnumerable<KeyValuePair<object?, object?>> Entries =>
        _entries.Select(static entry => new KeyValuePair<object?, object?>(entry.Key == s_none ? null : entry.Key, entry.Value));

    public object? this[object? key]
    {
        set => _entries[Key(key)] = value;
    }

    public bool TryGet(object? key, out object? value) => _entries.TryGetValue(Key(key), out value);

    public bool Remove(object? key) => _entries.Remove(Key(key));

    public void Clear() => _entries.Clear();

    private static object Key(object? key) => key switch
    {
        null => s_none,
        List<object?> or TemplateDictionary => throw new TemplateValueException($"a {TypeNames.Of(key)} cannot be a key"),
        _ => key,
    };
}
