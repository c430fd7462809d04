namespace Cluster.Model.Formats;

/// <summary>32 elements: f16 scale d, 32 × int8 q; x = d·q. Scale maps the largest magnitude to 127.</summary>
internal sealed class Q8_0Codec : BlockCodec
{
    private const int Codes = 2; // offset of the codes behind the scale

    public override int BlockSize => 32;

    public override int BlockBytes => 34;

    protected override void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float scale = Scalar.ReadHalf(block, 0);
        for (int i = 0; i < 32; i++)
            values[i] = scale * (sbyte)block[Codes + i];
    }

    protected override void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        float scale = MathF.Abs(Scalar.LargestMagnitude(values)) / 127;
        float inverse = Scalar.Reciprocal(scale);
        Scalar.WriteHalf(block, 0, scale);
        for (int i = 0; i < 32; i++)
            block[Codes + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
    }
}
