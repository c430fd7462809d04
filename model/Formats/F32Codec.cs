using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Cluster.Model.Formats;

/// <summary>IEEE 754 binary32, little-endian.</summary>
internal sealed class F32Codec : BlockCodec
{
    public override int BlockSize => 1;

    public override int BlockBytes => sizeof(float);

    public override void Dequantize(ReadOnlySpan<byte> source, Span<float> destination) =>
        source.CopyTo(MemoryMarshal.AsBytes(destination));

    public override void Quantize(ReadOnlySpan<float> source, Span<byte> destination) =>
        MemoryMarshal.AsBytes(source).CopyTo(destination);

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values) =>
        values[0] = BinaryPrimitives.ReadSingleLittleEndian(block);

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block) =>
        BinaryPrimitives.WriteSingleLittleEndian(block, values[0]);
}
