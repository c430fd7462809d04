namespace Cluster.Model.Formats;

/// <summary>
/// 32 elements: f16 scale d, f16 minimum m, 16 bytes of 4-bit codes (nibbles as in Q4_0); x = d·q + m.
/// </summary>
internal sealed class Q4_1Codec : BlockCodec
{
    private const int Codes = 4;

    public override int BlockSize => 32;

    public override int BlockBytes => 20;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float scale = Scalar.ReadHalf(block, 0);
        float minimum = Scalar.ReadHalf(block, 2);
        for (int j = 0; j < 16; j++)
        {
            byte pair = block[Codes + j];
            values[j] = scale * (pair & 15) + minimum;
            values[j + 16] = scale * (pair >> 4) + minimum;
        }
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        (float min, float max) = Scalar.Range(values);
        float scale = (max - min) / 15;
        float inverse = Scalar.Reciprocal(scale);
        Scalar.WriteHalf(block, 0, scale);
        Scalar.WriteHalf(block, 2, min);
        for (int j = 0; j < 16; j++)
        {
            int low = Math.Clamp((int)((values[j] - min) * inverse + 0.5f), 0, 15);
            int high = Math.Clamp((int)((values[j + 16] - min) * inverse + 0.5f), 0, 15);
            block[Codes + j] = (byte)(low | (high << 4));
        }
    }
}
