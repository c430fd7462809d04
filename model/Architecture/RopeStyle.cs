namespace Cluster.Model.Architecture;

/// <summary>Which two elements of a head rotate together.</summary>
public enum RopeStyle
{
    /// <summary>Elements 2i and 2i + 1, as GGUF stores the projections of llama models.</summary>
    Interleaved,

    /// <summary>Elements i and i + DimensionCount / 2 (GPT-NeoX).</summary>
    HalfSplit,
}
