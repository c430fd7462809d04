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
    private volatile StepFailure? _failure;

    public RankGroup(ulong planVersion, int tensorParallelSize, IEnumerable<RankConnection> ranks, TimeProvider time)
    {
        PlanVersion = planVersion;
        TensorParallelSize = tensorParallelSize;
        _time = time;
        _ranks = [.. ranks];
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

        // Every rank has the request before the first answer is awaited: they wait for each other inside the step.
        for (var i = first; i < WorldSize; i++) exchanges[i - first] = ExchangeAsync(_ranks[i], request, results[i]);
        foreach (var exchange in exchanges) await exchange.ConfigureAwait(false);
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
        foreach (var rank in _ranks) await rank.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ExchangeAsync(RankConnection rank, StepRequest request, StepResult result)
    {
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
