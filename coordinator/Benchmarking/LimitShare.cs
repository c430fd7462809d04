namespace Cluster.Coordinator.Benchmarking;

/// <summary>How much of one limit of the devices a test reached.</summary>
/// <param name="Rate">Units a second that the devices do at most in the test's proportions: all of a stage at once, one stage after the other.</param>
/// <param name="Share">Part of it that was reached.</param>
internal readonly record struct LimitShare(double Rate, double Share)
{
    /// <param name="stages">Of each rank its stage, the units that it has to do, and its limit in units a second.</param>
    /// <param name="seconds">Time that the test took.</param>
    /// <returns>Null when a rank's limit is not known.</returns>
    public static LimitShare? Of(IReadOnlyCollection<(int Stage, double Units, double Limit)> stages, double seconds)
    {
        if (stages.Any(rank => rank.Limit <= 0)) return null;

        var least = stages.GroupBy(rank => rank.Stage).Sum(stage => stage.Max(rank => rank.Units / rank.Limit));
        return new LimitShare(stages.Sum(rank => rank.Units) / least, least / seconds);
    }
}
