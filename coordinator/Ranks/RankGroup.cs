using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Coordinator.Ranks;

/// <summary>The ranks of one plan, over gRPC.</summary>
internal sealed class RankGroup : IRankGroup, IAsyncDisposable
{
    /// <summary>
    /// When a rank reports an error, the others' answers are awaited for so long: the one whose stream breaks is the cause, and the
    /// error of the rank that waited for it only a consequence.
    /// </summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly RankConnection[] _ranks;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<StepFailure> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StepPatience _patience = new();
    private readonly ITimer _overdue;
    private readonly int[] _underWay;
    private int _steps;
    private int _largestStep;
    private volatile StepFailure? _failure;

    public RankGroup(ulong planVersion, int tensorParallelSize, IEnumerable<RankConnection> ranks, TimeProvider time)
    {
        PlanVersion = planVersion;
        TensorParallelSize = tensorParallelSize;
        _time = time;
        _ranks = [.. ranks];
        _underWay = new int[_ranks.Length];
        _overdue = time.CreateTimer(_ => GiveUpOverdue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ulong PlanVersion { get; }

    public int TensorParallelSize { get; }

    public int WorldSize => _ranks.Length;

    public IReadOnlyList<RankConnection> Ranks => _ranks;

    /// <summary>Completes when no step can be executed any more.</summary>
    public Task<StepFailure> Failed => _failed.Task;

    /// <summary>Opens every rank's stream of steps.</summary>
    public void Open()
    {
        foreach (var rank in _ranks) rank.Open();
    }

    public async ValueTask<StepFailure?> ExecuteAsync(StepRequest request, RankScope scope, IReadOnlyList<StepResult> results)
    {
        if (_failure is not null) return _failure;

        var first = scope == RankScope.All ? 0 : WorldSize - TensorParallelSize;
        var exchanges = new Task[WorldSize - first];
        var started = _time.GetTimestamp();
        BeginWatch(request.TokenIds.Count);

        // Every rank has the request before the first answer is awaited: they wait for each other inside the step.
        for (var i = first; i < WorldSize; i++) exchanges[i - first] = ExchangeAsync(_ranks[i], request, results[i]);
        foreach (var exchange in exchanges) await exchange.ConfigureAwait(false);
        EndWatch(request.TokenIds.Count, _time.GetElapsedTime(started));
        return _failure;
    }

    public void GiveUp(StepFailure failure)
    {
        lock (_lock) _failure ??= failure;
        Abort();
    }

    /// <summary>Ends the steps under way and all later ones.</summary>
    public void Fail(StepFailure failure)
    {
        lock (_lock)
        {
            // A lost worker explains the errors that the others report.
            if (_failure is null || (failure.Kind == StepFailureKind.WorkerLost && _failure.Kind == StepFailureKind.StepRefused)) _failure = failure;
        }

        if (failure.Kind != StepFailureKind.StepRefused) Abort();
        else _ = AbortAfterGraceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _overdue.DisposeAsync().ConfigureAwait(false);
        foreach (var rank in _ranks) await rank.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ExchangeAsync(RankConnection rank, StepRequest request, StepResult result)
    {
        Interlocked.Increment(ref _underWay[rank.Rank]);
        try
        {
            if (!await rank.ExchangeAsync(request, result).ConfigureAwait(false)) Fail(Lost(rank, "it ended the stream of steps"));
            else if (result.Error.Length > 0) Fail(Refused(rank, result.Error));
            else if (result.StepId != request.StepId || result.PlanVersion != PlanVersion)
                Fail(Refused(rank, $"it answered step {result.StepId} of plan {result.PlanVersion}, not step {request.StepId} of plan {PlanVersion}"));
        }
        catch (RpcException e)
        {
            Fail(Lost(rank, e.Status.Detail.Length > 0 ? e.Status.Detail : e.StatusCode.ToString()));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Fail(Lost(rank, e.Message));
        }
        finally
        {
            Interlocked.Decrement(ref _underWay[rank.Rank]);
        }
    }

    /// <summary>As long as any step is under way, the next to begin or end is waited for, but not for ever.</summary>
    private void BeginWatch(int tokens)
    {
        lock (_lock)
        {
            _largestStep = _steps++ == 0 ? tokens : Math.Max(_largestStep, tokens);
            _overdue.Change(_patience.For(_largestStep), Timeout.InfiniteTimeSpan);
        }
    }

    private void EndWatch(int tokens, TimeSpan elapsed)
    {
        lock (_lock)
        {
            if (_failure is null) _patience.Add(tokens, elapsed);
            _overdue.Change(--_steps > 0 ? _patience.For(_largestStep) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void GiveUpOverdue()
    {
        // The step may have ended at this very moment, and then all have answered.
        var silent = _ranks.Where(rank => Volatile.Read(ref _underWay[rank.Rank]) > 0).ToList();
        if (silent.Count == 0) return;
        var names = string.Join(", ", silent.Select(rank => $"'{rank.Member.Name}'"));
        Fail(new StepFailure(StepFailureKind.StepOverdue, silent[0].Rank, $"a step is overdue: no answer from {names}"));
    }

    private async Task AbortAfterGraceAsync()
    {
        await Task.Delay(s_grace, _time).ConfigureAwait(false);
        Abort();
    }

    private void Abort()
    {
        _failed.TrySetResult(_failure!);
        foreach (var rank in _ranks) rank.Abort();
    }

    private static StepFailure Lost(RankConnection rank, string why) =>
        new(StepFailureKind.WorkerLost, rank.Rank, $"worker '{rank.Member.Name}' at {rank.Member.Address} (rank {rank.Rank}) is lost: {why}");

    private static StepFailure Refused(RankConnection rank, string why) =>
        new(StepFailureKind.StepRefused, rank.Rank, $"worker '{rank.Member.Name}' at {rank.Member.Address} (rank {rank.Rank}) failed a step: {why}");
}
