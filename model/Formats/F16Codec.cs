using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Cluster.Model.Formats;

/// <summary>IEEE 754 binary16, little-endian, rounded to nearest even.</summary>
internal sealed class F16Codec : BlockCodec
{
    public override int BlockSize => 1;

    public override int BlockBytes => 2;

    public override void Dequantize(ReadOnlySpan<byte> source, Span<float> destination) =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination);

    public override void Quantize(ReadOnlySpan<float> source, Span<byte> destination) =>
        TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination));

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values) =>
        values[0] = (float)BinaryPrimitives.ReadHalfLittleEndian(block);

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block) =>
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)values[0]);
}
