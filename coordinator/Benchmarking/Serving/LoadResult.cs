namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>What a load gave. Rates are of what was answered well, over the whole time.</summary>
/// <param name="Load">How requests came.</param>
/// <param name="Elapsed">From the first request to the end of the last answer.</param>
/// <param name="Requests">All of them.</param>
internal sealed record LoadResult(Load Load, TimeSpan Elapsed, IReadOnlyList<RequestRecord> Requests)
{
    private IEnumerable<RequestRecord> Answered => Requests.Where(static request => request.Error is null);

    public int Errors => Requests.Count(static request => request.Error is not null && !request.IsStalled);

    public int Stalled => Requests.Count(static request => request.IsStalled);

    public double RequestsPerSecond => Answered.Count() / Elapsed.TotalSeconds;

    public double InputTokensPerSecond => Answered.Sum(static request => (long)request.InputTokens) / Elapsed.TotalSeconds;

    public double OutputTokensPerSecond => Answered.Sum(static request => (long)request.OutputTokens) / Elapsed.TotalSeconds;

    public Percentiles FirstToken => Percentiles.Of(Answered.Select(static request => request.FirstToken!.Value));

    public Percentiles PerOutputToken => Percentiles.Of(Answered.Select(static request => request.PerOutputToken).OfType<TimeSpan>());

    public Percentiles BetweenTokens => Percentiles.Of(Answered.SelectMany(static request => request.Gaps));

    public Percentiles Whole => Percentiles.Of(Answered.Select(static request => request.Whole));

    /// <summary>What went wrong, the most frequent first.</summary>
    public IEnumerable<(string Error, int Count)> Problems => Requests.Where(static request => request.Error is not null)
        .GroupBy(static request => request.Error!).OrderByDescending(static group => group.Count()).Select(static group => (group.Key, group.Count()));
}
