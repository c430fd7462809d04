using System.Diagnostics.CodeAnalysis;

namespace Cluster.Model.Gguf;

/// <summary>Everything that a GGUF file declares before its tensor data.</summary>
/// <param name="File">Path, for messages.</param>
/// <param name="Version">2 or 3.</param>
/// <param name="Metadata">Key-value pairs.</param>
/// <param name="TensorsByName">In file order; data ranges lie in the file and are disjoint.</param>
/// <param name="Alignment">Alignment of tensor data in bytes.</param>
internal sealed record GgufHeader(
    string File, uint Version, GgufMetadata Metadata, OrderedDictionary<string, GgufTensor> TensorsByName, int Alignment)
{
    public IReadOnlyList<GgufTensor> Tensors => TensorsByName.Values;

    public bool TryGetTensor(string name, [NotNullWhen(true)] out GgufTensor? tensor) => TensorsByName.TryGetValue(name, out tensor);

    public GgufTensor GetTensor(string name) =>
        TryGetTensor(name, out GgufTensor? tensor) ? tensor : throw new GgufFormatException("tensor is missing", File, tensor: name);
}
