using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Cluster.Model.Formats;

/// <summary>bfloat16: the upper half of a binary32, little-endian, rounded to nearest even; NaN stays NaN.</summary>
internal sealed class BF16Codec : BlockCodec
{
    public override int BlockSize => 1;

    public override int BlockBytes => 2;

    public override void Dequantize(ReadOnlySpan<byte> source, Span<float> destination)
    {
        ReadOnlySpan<ushort> codes = MemoryMarshal.Cast<byte, ushort>(source);
        for (int i = 0; i < destination.Length; i++)
            destination[i] = BitConverter.UInt32BitsToSingle((uint)codes[i] << 16);
    }

    public override void Quantize(ReadOnlySpan<float> source, Span<byte> destination)
    {
        Span<ushort> codes = MemoryMarshal.Cast<byte, ushort>(destination);
        for (int i = 0; i < source.Length; i++)
            codes[i] = Round(source[i]);
    }

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values) =>
        values[0] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(block) << 16);

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block) =>
        BinaryPrimitives.WriteUInt16LittleEndian(block, Round(values[0]));

    private static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)((bits >> 16) | 0x40); // the quiet bit, so that truncating the payload cannot give infinity
        uint nearestEven = 0x7FFF + ((bits >> 16) & 1);
        return (ushort)((bits + nearestEven) >> 16);
    }
}
