using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Cluster.Worker.Collectives.Wire;

/// <summary>Little-endian f16, rounded to nearest even; beyond ±65504 it saturates rather than becoming infinite.</summary>
internal sealed class F16WireFormat : IWireFormat
{
    /// <summary>Values converted at a time, in a buffer on the stack.</summary>
    private const int Chunk = 512;

    private const float MaxFinite = 65504f;

    public string Name => "f16";

    public bool IsExact => false;

    public int EncodedLength(int count) => checked(count * 2);

    public void Encode(ReadOnlySpan<float> values, Span<byte> destination)
    {
        Span<float> clamped = stackalloc float[Chunk];
        var halves = MemoryMarshal.Cast<byte, Half>(destination[..EncodedLength(values.Length)]);
        for (var i = 0; i < values.Length; i += Chunk)
        {
            var length = Math.Min(Chunk, values.Length - i);
            TensorPrimitives.Clamp(values.Slice(i, length), -MaxFinite, MaxFinite, clamped);
            TensorPrimitives.ConvertToHalf(clamped[..length], halves[i..]);
        }
    }

    public void Decode(ReadOnlySpan<byte> source, Span<float> values) =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source[..EncodedLength(values.Length)]), values);

    public void Accumulate(ReadOnlySpan<byte> source, Span<float> values)
    {
        Span<float> decoded = stackalloc float[Chunk];
        for (var i = 0; i < values.Length; i += Chunk)
        {
            var length = Math.Min(Chunk, values.Length - i);
            Decode(source.Slice(2 * i, 2 * length), decoded[..length]);
            TensorPrimitives.Add(values.Slice(i, length), decoded[..length], values[i..]);
        }
    }
}
