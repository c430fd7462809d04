using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Cluster.Worker.Collectives.Wire;

/// <summary>Little-endian f32, exact.</summary>
internal sealed class F32WireFormat : IWireFormat
{
    public string Name => "f32";

    public bool IsExact => true;

    public int EncodedLength(int count) => checked(count * sizeof(float));

    public void Encode(ReadOnlySpan<float> values, Span<byte> destination) => MemoryMarshal.AsBytes(values).CopyTo(destination);

    public void Decode(ReadOnlySpan<byte> source, Span<float> values) =>
        source[..EncodedLength(values.Length)].CopyTo(MemoryMarshal.AsBytes(values));

    public void Accumulate(ReadOnlySpan<byte> source, Span<float> values) =>
        TensorPrimitives.Add(values, MemoryMarshal.Cast<byte, float>(source[..EncodedLength(values.Length)]), values);
}
