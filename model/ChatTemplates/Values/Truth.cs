namespace Cluster.Model.ChatTemplates.Values;

internal static class Truth
{
    /// <summary>Whether a value counts as true: what is empty, zero, none or undefined does not.</summary>
    public static bool Of(object? value) => value switch
    {
        null or Undefined => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        List<object?> list => list.Count > 0,
        TemplateTuple tuple => tuple.Items.Length > 0,
        TemplateDictionary dictionary => dictionary.Count > 0,
        _ => true,
    };
}
