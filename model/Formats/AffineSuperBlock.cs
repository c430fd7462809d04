namespace Cluster.Model.Formats;

/// <summary>
/// The part of quantization that Q4_K and Q5_K share: 256 elements in eight sub-blocks of 32, each with a 6-bit scale and a
/// 6-bit minimum behind two f16 super-block scales; x = d·scale·q - dmin·minimum.
/// </summary>
internal static class AffineSuperBlock
{
    public const int Size = 256;
    public const int SubBlocks = 8;
    public const int SubBlockSize = 32;
    private const int MaxScale = 63;

    /// <summary>Writes d, dmin and the packed scales (16 bytes) to <paramref name="header"/> and one code per element, 0…levels.</summary>
    public static void Quantize(ReadOnlySpan<float> values, int levels, Span<byte> header, Span<byte> codes)
    {
        Span<float> scales = stackalloc float[SubBlocks];
        Span<float> minimums = stackalloc float[SubBlocks];
        for (int s = 0; s < SubBlocks; s++)
            (scales[s], minimums[s]) = ScaleSearch.Affine(values.Slice(s * SubBlockSize, SubBlockSize), levels);

        Span<byte> scaleCodes = stackalloc byte[SubBlocks];
        Span<byte> minimumCodes = stackalloc byte[SubBlocks];
        float d = QuantizeScales(scales, scaleCodes, header, 0);
        float dmin = QuantizeScales(minimums, minimumCodes, header, 2);
        KQuantScales.Pack(scaleCodes, minimumCodes, header.Slice(4, KQuantScales.Bytes));

        for (int s = 0; s < SubBlocks; s++)
        {
            // Codes are chosen for the scales as stored, so that rounding these costs little.
            float inverse = Scalar.Reciprocal(d * scaleCodes[s]);
            float minimum = dmin * minimumCodes[s];
            for (int i = s * SubBlockSize; i < (s + 1) * SubBlockSize; i++)
                codes[i] = (byte)Scalar.RoundClamp((values[i] + minimum) * inverse, 0, levels);
        }
    }

    private static float QuantizeScales(ReadOnlySpan<float> scales, Span<byte> codes, Span<byte> header, int offset)
    {
        float largest = Scalar.LargestMagnitude(scales);
        Scalar.WriteHalf(header, offset, largest / MaxScale);
        float unit = Scalar.ReadHalf(header, offset);
        float inverse = Scalar.Reciprocal(unit);
        for (int s = 0; s < SubBlocks; s++)
            codes[s] = (byte)Scalar.RoundClamp(scales[s] * inverse, 0, MaxScale);
        return unit;
    }
}
