namespace Cluster.Model.Formats;

/// <summary>
/// Scale search for the K-quants. A trial scale fixes the codes; for fixed codes the best scale (and minimum) is a weighted
/// least-squares fit in closed form. Several trials around the range-covering scale are compared by their weighted error.
/// </summary>
internal static class ScaleSearch
{
    // Trials reach from clipping a little to wasting a little of the code range.
    private const int SymmetricSteps = 9;
    private const float SymmetricStep = 0.1f;
    private const int AffineSteps = 20;
    private const float AffineFirst = -1f;
    private const float AffineStep = 0.1f;

    /// <summary>
    /// Scale s that fits x ≈ s·q with q in [-levels, levels - 1]; 0 for all-zero values. Signed: the largest magnitude maps to
    /// -levels. Errors are weighted by x².
    /// </summary>
    public static float Symmetric(ReadOnlySpan<float> values, int levels)
    {
        float largest = Scalar.LargestMagnitude(values);
        if (MathF.Abs(largest) < 1e-15f)
            return 0;
        float best = -largest / levels;
        float bestGain = float.NegativeInfinity;
        for (int step = -SymmetricSteps; step <= SymmetricSteps; step++)
        {
            float inverse = -(levels + SymmetricStep * step) / largest;
            float cross = 0, square = 0;
            foreach (float value in values)
            {
                float code = Scalar.RoundClamp(value * inverse, -levels, levels - 1);
                float weight = value * value;
                cross += weight * value * code;
                square += weight * code * code;
            }
            if (square > 0 && cross * cross / square is float gain && gain > bestGain)
                (bestGain, best) = (gain, cross / square);
        }
        return best;
    }

    /// <summary>
    /// Scale s ≥ 0 and minimum m ≥ 0 that fit x ≈ s·q - m with q in [0, levels]. m is never negative because the formats store
    /// it unsigned. Errors are weighted by |x| + rms(x).
    /// </summary>
    public static (float Scale, float Minimum) Affine(ReadOnlySpan<float> values, int levels)
    {
        (float min, float max) = Scalar.Range(values);
        min = MathF.Min(min, 0);
        if (max <= min)
            return (0, -min);
        float squares = 0;
        foreach (float value in values)
            squares += value * value;
        float rms = MathF.Sqrt(squares / values.Length);

        (float Scale, float Minimum) best = ((max - min) / levels, -min);
        float bestError = Error(values, rms, best.Scale, best.Minimum, levels);
        for (int step = 0; step <= AffineSteps; step++)
        {
            float inverse = (levels + AffineFirst + AffineStep * step) / (max - min);
            (float scale, float minimum) = Fit(values, rms, inverse, min, levels);
            float error = Error(values, rms, scale, minimum, levels);
            if (error < bestError)
                (bestError, best) = (error, (scale, minimum));
        }
        return best;
    }

    // Weighted least squares of x = s·q - m over the codes that a trial scale gives; without a negative minimum.
    private static (float Scale, float Minimum) Fit(ReadOnlySpan<float> values, float rms, float inverse, float min, int levels)
    {
        float sw = 0, sq = 0, sqq = 0, sx = 0, sxq = 0;
        foreach (float value in values)
        {
            float code = Scalar.RoundClamp((value - min) * inverse, 0, levels);
            float weight = MathF.Abs(value) + rms;
            sw += weight;
            sq += weight * code;
            sqq += weight * code * code;
            sx += weight * value;
            sxq += weight * value * code;
        }
        float determinant = sw * sqq - sq * sq;
        if (determinant > 0)
        {
            float scale = (sw * sxq - sq * sx) / determinant;
            float offset = (sqq * sx - sq * sxq) / determinant;
            if (offset <= 0)
                return (scale, -offset);
        }
        return (sqq > 0 ? sxq / sqq : 0, 0);
    }

    private static float Error(ReadOnlySpan<float> values, float rms, float scale, float minimum, int levels)
    {
        if (!(scale > 0))
            return float.PositiveInfinity;
        float inverse = 1 / scale;
        float error = 0;
        foreach (float value in values)
        {
            float code = Scalar.RoundClamp((value + minimum) * inverse, 0, levels);
            float difference = scale * code - minimum - value;
            error += (MathF.Abs(value) + rms) * difference * difference;
        }
        return error;
    }
}
