namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>Puts a load on a server.</summary>
internal sealed class LoadRunner(ServingOptions options, TimeProvider time)
{
    /// <param name="load">How requests come.</param>
    /// <param name="target">Who is asked.</param>
    /// <param name="plan">What.</param>
    /// <param name="cancellationToken">Ends it with nothing.</param>
    public async Task<LoadResult> RunAsync(Load load, ILoadTarget target, RequestPlan plan, CancellationToken cancellationToken)
    {
        var watch = new RequestWatch(target, options, time);
        var started = time.GetTimestamp();
        var records = load.Concurrency is { } concurrency
            ? await RunClosedAsync(concurrency, watch, plan, started, cancellationToken).ConfigureAwait(false)
            : await RunOpenAsync(load.Rate!.Value, watch, plan, started, cancellationToken).ConfigureAwait(false);
        return new LoadResult(load, time.GetElapsedTime(started), records);
    }

    private async Task<RequestRecord[]> RunClosedAsync(int concurrency, RequestWatch watch, RequestPlan plan, long started, CancellationToken cancellationToken)
    {
        var begun = 0;
        var clients = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => ClientAsync())).ConfigureAwait(false);
        return [.. clients.SelectMany(records => records)];

        async Task<List<RequestRecord>> ClientAsync()
        {
            var records = new List<RequestRecord>();
            while (IsGoingOn(Interlocked.Increment(ref begun), started)) records.Add(await watch.RunAsync(plan.Next(), cancellationToken).ConfigureAwait(false));
            return records;
        }
    }

    private async Task<RequestRecord[]> RunOpenAsync(double rate, RequestWatch watch, RequestPlan plan, long started, CancellationToken cancellationToken)
    {
        var requests = new List<Task<RequestRecord>>();

        // Arrivals are counted from the start, so that waking late does not add up.
        var arrival = TimeSpan.Zero;
        while (true)
        {
            var request = plan.Next();
            arrival += TimeSpan.FromSeconds(request.Gap / rate);
            var wait = arrival - time.GetElapsedTime(started);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            if (!IsGoingOn(requests.Count + 1, started)) break;
            requests.Add(watch.RunAsync(request, cancellationToken));
        }

        return await Task.WhenAll(requests).ConfigureAwait(false);
    }

    private bool IsGoingOn(int request, long started) =>
        (options.Requests is not { } most || request <= most) && (options.Duration is not { } duration || time.GetElapsedTime(started) < duration);
}
