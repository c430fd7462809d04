using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>Methods of values.</summary>
internal static class Methods
{
    /// <returns>Null if values of this type have no such method.</returns>
    public static Operation? Find(object? subject, string name) => subject switch
    {
        string => TextMethods.Table.Find(name),
        List<object?> => ListMethods.Table.Find(name),
        TemplateDictionary => DictionaryMethods.Table.Find(name),
        _ => null,
    };
}
