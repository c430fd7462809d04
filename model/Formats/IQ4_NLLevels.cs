namespace Cluster.Model.Formats;

/// <summary>What the codes of IQ4_NL stand for, in steps of a block's scale. Part of the format.</summary>
public static class IQ4_NLLevels
{
    /// <summary>The 16 levels, ascending: denser near zero, where weights are.</summary>
    public static ReadOnlySpan<sbyte> All => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
}
