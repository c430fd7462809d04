namespace Cluster.Model.ChatTemplates.Values;

/// <summary>What values consist of.</summary>
internal static class Items
{
    /// <summary>A list's items, a text's characters, a dictionary's keys; none of an undefined value.</summary>
    /// <exception cref="TemplateValueException">The value consists of nothing.</exception>
    public static IReadOnlyList<object?> Of(object? value) => value switch
    {
        List<object?> list => list,
        TemplateTuple tuple => tuple.Items,
        TemplateGenerator generator => generator.Items,
        TemplateDictionary dictionary => [.. dictionary.Keys],
        string text => PythonText.Characters(text),
        Undefined => [],
        _ => throw new TemplateValueException($"'{TypeNames.Of(value)}' has no items to go through"),
    };

    public static bool CanBeListed(object? value) =>
        value is List<object?> or TemplateTuple or TemplateGenerator or TemplateDictionary or string or Undefined;

    /// <exception cref="TemplateValueException">The value has no length.</exception>
    public static long CountOf(object? value) => value switch
    {
        string text => PythonText.Length(text),
        List<object?> list => list.Count,
        TemplateTuple tuple => tuple.Items.Length,
        TemplateDictionary dictionary => dictionary.Count,
        Undefined => 0,
        _ => throw new TemplateValueException($"'{TypeNames.Of(value)}' has no length"),
    };

    /// <summary>Python's <c>in</c>.</summary>
    public static bool Contain(object? container, object? item) => (container, item) switch
    {
        (string text, string part) => text.Contains(part, StringComparison.Ordinal),
        (string, Undefined undefined) => throw new TemplateValueException(undefined.Description),
        (string, _) => throw new TemplateValueException($"a text contains texts, not a {TypeNames.Of(item)}"),
        (TemplateDictionary dictionary, _) => dictionary.TryGet(item, out _),
        _ => Of(container).Contains(item, ValueComparer.Instance),
    };
}
