using System.Globalization;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>How a model is split: so many ranks share each layer, in so many stages.</summary>
internal readonly record struct SplitSize(int TensorParallel, int Pipeline)
{
    public int Workers => TensorParallel * Pipeline;

    /// <summary>Reads <c>2x1</c>: tensor-parallel ranks, then stages; null when it is not that.</summary>
    public static SplitSize? Parse(string text) =>
        text.Split('x') is [var ranks, var stages] && TryCount(ranks, out var tensorParallel) && TryCount(stages, out var pipeline)
            ? new SplitSize(tensorParallel, pipeline)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{TensorParallel}x{Pipeline}");

    private static bool TryCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= 256;
}
