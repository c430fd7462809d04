using System.Collections.Immutable;

namespace Cluster.Model.Architecture;

/// <summary>A tensor that a model has or may have.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Layer">Its layer, or null for tensors outside of layers.</param>
/// <param name="Name">Its name in GGUF files.</param>
/// <param name="Dimensions">Its shape in GGUF order: the fastest-moving dimension (a matrix's columns) first.</param>
/// <param name="IsRequired">Whether a model without it is invalid.</param>
public sealed record TensorSpec(
    TensorRole Role, int? Layer, string Name, ImmutableArray<long> Dimensions, bool IsRequired)
{
    /// <summary>Whether it is a weight matrix, which may be quantized; norms, biases and factors are vectors.</summary>
    public bool IsMatrix => Dimensions.Length > 1;
}
