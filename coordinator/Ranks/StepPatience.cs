namespace Cluster.Coordinator.Ranks;

/// <summary>
/// How long a step may take before the ranks that have not answered are given up: many times what steps took so far. A device that hangs keeps its
/// worker's heart beating, so nothing else tells.
/// </summary>
internal sealed class StepPatience
{
    /// <summary>A machine may be busy with other things, or slow down with its temperature.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    /// <summary>Before anything is measured: the first step of a large model on a slow processor, weights read from disk.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromMinutes(30);

    /// <summary>By how much a step may exceed what is expected of it.</summary>
    private const double Factor = 20;

    /// <summary>What the last step counts in the mean.</summary>
    private const double Weight = 1.0 / 8;

    private double? _secondsPerStep;
    private double _secondsPerToken;

    /// <summary>For a step that takes in so many tokens; 0 for a question about the last one.</summary>
    public TimeSpan For(int tokens)
    {
        if (_secondsPerStep is not { } perStep) return Most;
        var expected = Math.Max(perStep, _secondsPerToken * tokens);
        return TimeSpan.FromSeconds(Math.Clamp(Factor * expected, Least.TotalSeconds, Most.TotalSeconds));
    }

    /// <summary>A step was executed.</summary>
    public void Add(int tokens, TimeSpan elapsed)
    {
        if (tokens == 0) return;
        var weight = _secondsPerStep is null ? 1 : Weight;
        _secondsPerStep = Mean(_secondsPerStep ?? 0, elapsed.TotalSeconds, weight);
        _secondsPerToken = Mean(_secondsPerToken, elapsed.TotalSeconds / tokens, weight);
    }

    private static double Mean(double mean, double next, double weight) => mean + weight * (next - mean);
}
