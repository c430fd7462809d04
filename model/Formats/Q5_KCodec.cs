namespace Cluster.Model.Formats;

/// <summary>
/// 256 elements: as Q4_K, with 32 bytes of fifth bits between scales and low nibbles: bit s of byte i belongs to element i of
/// sub-block s.
/// </summary>
internal sealed class Q5_KCodec : BlockCodec
{
    private const int Scales = 4;
    private const int HighBits = Scales + KQuantScales.Bytes;
    private const int Codes = HighBits + 32;

    public override int BlockSize => AffineSuperBlock.Size;

    public override int BlockBytes => 176;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float d = Scalar.ReadHalf(block, 0);
        float dmin = Scalar.ReadHalf(block, 2);
        ReadOnlySpan<byte> scales = block.Slice(Scales, KQuantScales.Bytes);
        ReadOnlySpan<byte> highBits = block.Slice(HighBits, 32);
        for (int s = 0; s < AffineSuperBlock.SubBlocks; s++)
        {
            (int scaleCode, int minimumCode) = KQuantScales.Unpack(scales, s);
            float scale = d * scaleCode;
            float minimum = dmin * minimumCode;
            int shift = (s & 1) * 4;
            ReadOnlySpan<byte> codes = block.Slice(Codes + s / 2 * 32, 32);
            Span<float> target = values.Slice(s * 32, 32);
            for (int i = 0; i < target.Length; i++)
            {
                int code = ((codes[i] >> shift) & 15) | ((highBits[i] >> s) & 1) << 4;
                target[i] = scale * code - minimum;
            }
        }
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[AffineSuperBlock.Size];
        AffineSuperBlock.Quantize(values, 31, block[..HighBits], codes);
        Span<byte> highBits = block.Slice(HighBits, 32);
        highBits.Clear();
        for (int i = 0; i < codes.Length; i++)
            highBits[i % 32] |= (byte)(codes[i] >> 4 << (i / 32));
        for (int i = 0; i < 128; i++)
        {
            int first = i / 32 * 64 + i % 32;
            block[Codes + i] = (byte)((codes[first] & 15) | (codes[first + 32] & 15) << 4);
        }
    }
}
