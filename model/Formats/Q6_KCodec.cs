namespace Cluster.Model.Formats;

/// <summary>
/// 256 elements in 16 sub-blocks of 16: 128 bytes of low nibbles, 64 bytes of upper two bits, 16 × int8 scales, f16 d;
/// x = d·scale·(q - 32). Each half of 128 elements owns 64 bytes of nibbles and 32 of upper bits: element i of its quarter k
/// (32 elements each) is nibble k / 2 of byte i + 32·(k mod 2), and bits 2k, 2k + 1 of upper byte i.
/// </summary>
internal sealed class Q6_KCodec : BlockCodec
{
    private const int Upper = 128;
    private const int Scales = 192;
    private const int SuperScale = 208;
    private const int SubBlocks = 16;
    private const int SubBlockSize = 16;

    public override int BlockSize => 256;

    public override int BlockBytes => 210;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Scalar.ReadHalf(block, SuperScale);
        for (int eighth = 0; eighth < 8; eighth++)
        {
            (int half, int quarter) = (eighth / 4, eighth % 4);
            ReadOnlySpan<byte> nibbles = block.Slice(half * 64 + quarter % 2 * 32, 32);
            ReadOnlySpan<byte> upper = block.Slice(Upper + half * 32, 32);
            Span<float> target = values.Slice(eighth * 32, 32);
            float firstScale = d * (sbyte)block[Scales + eighth * 2];
            float secondScale = d * (sbyte)block[Scales + eighth * 2 + 1];
            int nibbleShift = quarter / 2 * 4;
            int upperShift = quarter * 2;
            for (int i = 0; i < target.Length; i++)
            {
                int code = ((nibbles[i] >> nibbleShift) & 15) | ((upper[i] >> upperShift) & 3) << 4;
                target[i] = (i < SubBlockSize ? firstScale : secondScale) * (code - 32);
            }
        }
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<float> scales = stackalloc float[SubBlocks];
        for (int s = 0; s < SubBlocks; s++)
            scales[s] = ScaleSearch.Symmetric(values.Slice(s * SubBlockSize, SubBlockSize), 32);

        // Signed as the sub-block scales are: the largest of these maps to -128.
        Scalar.WriteHalf(block, SuperScale, Scalar.LargestMagnitude(scales) / -128);
        float d = Scalar.ReadHalf(block, SuperScale);
        float inverseSuper = Scalar.Reciprocal(d);

        block[..Scales].Clear();
        for (int s = 0; s < SubBlocks; s++)
        {
            int scaleCode = Scalar.RoundClamp(scales[s] * inverseSuper, -128, 127);
            block[Scales + s] = (byte)(sbyte)scaleCode;
            float inverse = Scalar.Reciprocal(d * scaleCode);
            for (int i = s * SubBlockSize; i < (s + 1) * SubBlockSize; i++)
                Store(block, i, Scalar.RoundClamp(values[i] * inverse, -32, 31) + 32);
        }
    }

    private static void Store(Span<byte> block, int element, int code)
    {
        (int half, int quarter, int i) = (element / 128, element / 32 % 4, element % 32);
        block[half * 64 + quarter % 2 * 32 + i] |= (byte)((code & 15) << (quarter / 2 * 4));
        block[Upper + half * 32 + i] |= (byte)(code >> 4 << (quarter * 2));
    }
}
