namespace Cluster.Model.Formats;

/// <summary>
/// 256 elements: f16 d, f16 dmin, 12 bytes of 6-bit scales and minimums (<see cref="KQuantScales"/>), 128 bytes of 4-bit codes.
/// Each 32 bytes hold 64 elements: the low nibbles are the first 32, the high nibbles the next 32.
/// </summary>
internal sealed class Q4_KCodec : BlockCodec
{
    private const int Scales = 4;
    private const int Codes = Scales + KQuantScales.Bytes;

    public override int BlockSize => AffineSuperBlock.Size;

    public override int BlockBytes => 144;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Scalar.ReadHalf(block, 0);
        float dmin = Scalar.ReadHalf(block, 2);
        ReadOnlySpan<byte> scales = block.Slice(Scales, KQuantScales.Bytes);
        for (int s = 0; s < AffineSuperBlock.SubBlocks; s++)
        {
            (int scaleCode, int minimumCode) = KQuantScales.Unpack(scales, s);
            float scale = d * scaleCode;
            float minimum = dmin * minimumCode;
            int shift = (s & 1) * 4;
            ReadOnlySpan<byte> codes = block.Slice(Codes + s / 2 * 32, 32);
            Span<float> target = values.Slice(s * 32, 32);
            for (int i = 0; i < target.Length; i++)
                target[i] = scale * ((codes[i] >> shift) & 15) - minimum;
        }
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[AffineSuperBlock.Size];
        AffineSuperBlock.Quantize(values, 15, block[..Codes], codes);
        for (int i = 0; i < 128; i++)
        {
            int first = i / 32 * 64 + i % 32;
            block[Codes + i] = (byte)(codes[first] | codes[first + 32] << 4);
        }
    }
}
