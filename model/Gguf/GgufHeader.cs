namespace Cluster.Model.Gguf;

/// <summary>Everything that a GGUF file declares before its tensor data.</summary>
/// <param name="Version">2 or 3.</param>
/// <param name="Metadata">Key-value pairs.</param>
/// <param name="Tensors">In file order; names are unique and data ranges valid and disjoint.</param>
/// <param name="Alignment">Alignment of tensor data in bytes.</param>
/// <param name="DataOffset">Absolute offset of the tensor data section; may lie behind the end of a file without tensors.</param>
internal sealed record GgufHeader(
    uint Version, GgufMetadata Metadata, IReadOnlyList<GgufTensor> Tensors, int Alignment, long DataOffset);
