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
    private const int AffineSteps = 6;
    private const float AffineStep = 0.2f;
    private const int AffineRounds = 4;

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
        float rms = RootMeanSquare(values);

        (float Scale, float Minimum) best = ((max - min) / levels, -min);
        float bestError = float.PositiveInfinity;
        for (int step = -AffineSteps; step <= AffineSteps; step++)
        {
            (float Scale, float Minimum) trial = ((max - min) / (levels + AffineStep * step), -min);
            // Codes fit a scale and a scale fits codes: alternating between the two closes in on a minimum.
            for (int round = 0; round < AffineRounds && trial.Scale > 0; round++)
            {
                (float Scale, float Minimum) fit = Fit(values, rms, trial.Scale, trial.Minimum, levels, out float error);
                if (error < bestError)
                    (bestError, best) = (error, trial);
                trial = fit;
            }
        }
        return best;
    }

    // The weighted error of a scale and a minimum, and the weighted least-squares fit of x = s·q - m over their codes.
    private static (float Scale, float Minimum) Fit(
        ReadOnlySpan<float> values, float rms, float scale, float minimum, int levels, out float error)
    {
        float inverse = 1 / scale;
        float sw = 0, sq = 0, sqq = 0, sx = 0, sxq = 0;
        error = 0;
        foreach (float value in values)
        {
            float code = Scalar.RoundClamp((value + minimum) * inverse, 0, levels);
            float weight = MathF.Abs(value) + rms;
            float difference = scale * code - minimum - value;
            error += weight * difference * difference;
            sw += weight;
            sq += weight * code;
            sqq += weight * code * code;
            sx += weight * value;
            sxq += weight * value * code;
        }
        float determinant = sw * sqq - sq * sq;
        float offset = determinant > 0 ? (sqq * sx - sq * sxq) / determinant : 1;
        if (offset <= 0)
            return ((sw * sxq - sq * sx) / determinant, -offset);
        return (sqq > 0 ? sxq / sqq : 0, 0); // without a minimum, as it may not be negative
    }

    private static float RootMeanSquare(ReadOnlySpan<float> values)
    {
        float squares = 0;
        foreach (float value in values)
            squares += value * value;
        return MathF.Sqrt(squares / values.Length);
    }
}
