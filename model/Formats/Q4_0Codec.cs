namespace Cluster.Model.Formats;

/// <summary>
/// 32 elements: f16 scale d, 16 bytes of 4-bit codes; x = d·(q - 8). Byte j holds element j in its low nibble and element
/// j + 16 in its high nibble. The scale is signed and maps the largest magnitude to code 0 (-8).
/// </summary>
internal sealed class Q4_0Codec : BlockCodec
{
    private const int Codes = 2;

    public override int BlockSize => 32;

    public override int BlockBytes => 18;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float scale = Scalar.ReadHalf(block, 0);
        for (int j = 0; j < 16; j++)
        {
            byte pair = block[Codes + j];
            values[j] = scale * ((pair & 15) - 8);
            values[j + 16] = scale * ((pair >> 4) - 8);
        }
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        float scale = Scalar.LargestMagnitude(values) / -8;
        float inverse = Scalar.Reciprocal(scale);
        Scalar.WriteHalf(block, 0, scale);
        for (int j = 0; j < 16; j++)
        {
            // In [-8, 8]: adding 8.5 and truncating rounds, halves upwards; only +8 is out of range.
            int low = Math.Clamp((int)(values[j] * inverse + 8.5f), 0, 15);
            int high = Math.Clamp((int)(values[j + 16] * inverse + 8.5f), 0, 15);
            block[Codes + j] = (byte)(low | (high << 4));
        }
    }
}
