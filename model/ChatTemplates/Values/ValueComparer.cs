namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Equality of values, for keys and for telling items apart.</summary>
internal sealed class ValueComparer : IEqualityComparer<object?>
{
    public static readonly ValueComparer Instance = new();

    bool IEqualityComparer<object?>.Equals(object? x, object? y) => Equality.AreEqual(x, y);

    public int GetHashCode(object? obj) => obj switch
    {
        null or List<object?> or TemplateDictionary => 0,
        string text => text.GetHashCode(StringComparison.Ordinal),
        bool or long or double => Numbers.ToDouble(obj).GetHashCode(),
        TemplateTuple tuple => tuple.Items.Length,
        _ => obj.GetHashCode(),
    };
}
