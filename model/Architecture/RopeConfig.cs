namespace Cluster.Model.Architecture;

/// <summary>Rotary position embedding of a model.</summary>
public sealed record RopeConfig
{
    /// <summary>Base θ of the frequencies θ^(-2i/DimensionCount).</summary>
    public required float Base { get; init; }

    /// <summary>Leading elements of each head that rotate; even, at most the head dimension.</summary>
    public required int DimensionCount { get; init; }

    public required RopeStyle Style { get; init; }

    public RopeScaling Scaling { get; init; } = RopeScaling.None;

    /// <summary>Context stretch, 1 without scaling: positions act as if divided by it where interpolated.</summary>
    public float ScalingFactor { get; init; } = 1;

    /// <summary>YaRN: context length of the first training, in tokens.</summary>
    public int OriginalContextLength { get; init; }

    /// <summary>YaRN: share of extrapolation, normally 1.</summary>
    public float YarnExtrapolationFactor { get; init; } = 1;

    /// <summary>YaRN: dimensions that turn at least this often in the original context are not interpolated.</summary>
    public float YarnBetaFast { get; init; } = 32;

    /// <summary>YaRN: dimensions that turn at most this often in the original context are fully interpolated.</summary>
    public float YarnBetaSlow { get; init; } = 1;

    /// <summary>Extra factor on the rotated queries and keys, before YaRN's own.</summary>
    public float AttentionFactor { get; init; } = 1;

    /// <summary>
    /// Factor on cosine and sine of every rotation (so on queries and keys alike): YaRN's √(1/t) = 0.1·ln(s) + 1, and 1 otherwise.
    /// </summary>
    public float Magnitude => Scaling == RopeScaling.Yarn && YarnExtrapolationFactor != 0 && ScalingFactor > 1
        ? AttentionFactor * (1 + 0.1f * MathF.Log(ScalingFactor))
        : AttentionFactor;
}
