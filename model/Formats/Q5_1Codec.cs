using System.Buffers.Binary;

namespace Cluster.Model.Formats;

/// <summary>
/// 32 elements: f16 scale d, f16 minimum m, 32 high bits, 16 bytes of low nibbles (both as in Q5_0); x = d·q + m.
/// </summary>
internal sealed class Q5_1Codec : BlockCodec
{
    private const int HighBits = 4;
    private const int Codes = 8;

    public override int BlockSize => 32;

    public override int BlockBytes => 24;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float scale = Scalar.ReadHalf(block, 0);
        float minimum = Scalar.ReadHalf(block, 2);
        uint highBits = BinaryPrimitives.ReadUInt32LittleEndian(block[HighBits..]);
        for (int j = 0; j < 16; j++)
        {
            byte pair = block[Codes + j];
            int low = (pair & 15) | (int)((highBits >> j) & 1) << 4;
            int high = (pair >> 4) | (int)((highBits >> (j + 16)) & 1) << 4;
            values[j] = scale * low + minimum;
            values[j + 16] = scale * high + minimum;
        }
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        (float min, float max) = Scalar.Range(values);
        float scale = (max - min) / 31;
        float inverse = Scalar.Reciprocal(scale);
        Scalar.WriteHalf(block, 0, scale);
        Scalar.WriteHalf(block, 2, min);
        uint highBits = 0;
        for (int j = 0; j < 16; j++)
        {
            int low = Math.Clamp((int)((values[j] - min) * inverse + 0.5f), 0, 31);
            int high = Math.Clamp((int)((values[j + 16] - min) * inverse + 0.5f), 0, 31);
            block[Codes + j] = (byte)((low & 15) | ((high & 15) << 4));
            highBits |= (uint)(low >> 4) << j | (uint)(high >> 4) << (j + 16);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(block[HighBits..], highBits);
    }
}
