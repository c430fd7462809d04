using System.Buffers.Binary;

namespace Cluster.Model.Formats;

/// <summary>
/// 32 elements: f16 scale d, 32 high bits (bit i belongs to element i), 16 bytes of low nibbles as in Q4_0; x = d·(q - 16).
/// </summary>
internal sealed class Q5_0Codec : BlockCodec
{
    private const int HighBits = 2;
    private const int Codes = 6;

    public override int BlockSize => 32;

    public override int BlockBytes => 22;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float scale = Scalar.ReadHalf(block, 0);
        uint highBits = BinaryPrimitives.ReadUInt32LittleEndian(block[HighBits..]);
        for (int j = 0; j < 16; j++)
        {
            byte pair = block[Codes + j];
            int low = (pair & 15) | (int)((highBits >> j) & 1) << 4;
            int high = (pair >> 4) | (int)((highBits >> (j + 16)) & 1) << 4;
            values[j] = scale * (low - 16);
            values[j + 16] = scale * (high - 16);
        }
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        float scale = Scalar.LargestMagnitude(values) / -16;
        float inverse = Scalar.Reciprocal(scale);
        Scalar.WriteHalf(block, 0, scale);
        uint highBits = 0;
        for (int j = 0; j < 16; j++)
        {
            int low = Math.Clamp((int)(values[j] * inverse + 16.5f), 0, 31);
            int high = Math.Clamp((int)(values[j + 16] * inverse + 16.5f), 0, 31);
            block[Codes + j] = (byte)((low & 15) | ((high & 15) << 4));
            highBits |= (uint)(low >> 4) << j | (uint)(high >> 4) << (j + 16);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(block[HighBits..], highBits);
    }
}
