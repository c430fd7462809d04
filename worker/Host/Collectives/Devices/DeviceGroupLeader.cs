using Cluster.Compute.Collectives;
using Cluster.Protos.V1;
using Cluster.Worker.Steps;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Worker.Collectives.Devices;

/// <summary>
/// The first rank of a stage, which alone decides whether the stage's devices form a group: it hears every rank's offer, invites them, hears
/// whether they have joined, and confirms. Before that no rank uses the group, and a rank that confirms nothing has no part in one: so all
/// sum in the same way whoever fails when.
/// </summary>
/// <param name="firstRank">Rank in the plan of the leader.</param>
/// <param name="size">Ranks of the stage.</param>
internal sealed class DeviceGroupLeader(int firstRank, int size)
{
    private readonly Lock _lock = new();
    private readonly DeviceOffer?[] _offers = new DeviceOffer?[size];
    private readonly bool[] _joined = new bool[size];
    private readonly TaskCompletionSource _gathered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DeviceGroupReply> _invitation = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DeviceGroupReply> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Decides, with its own rank's part in it.</summary>
    /// <param name="offer">What its own device brings.</param>
    /// <param name="createId">Makes what the ranks meet by; null where the offer is none.</param>
    /// <param name="join">Begins to join.</param>
    /// <param name="gatherTimeout">How long offers are waited for.</param>
    /// <param name="joinTimeout">How long ranks may take to join.</param>
    /// <param name="cancellationToken">The shard ends.</param>
    public async Task<DeviceGroupResult> DecideAsync(
        DeviceOffer offer, Func<byte[]>? createId, Func<byte[], GroupJoin> join, TimeSpan gatherTimeout, TimeSpan joinTimeout,
        CancellationToken cancellationToken)
    {
        GroupJoin? own = null;
        try
        {
            Offer(firstRank, offer);
            if (await FindObstacleAsync(gatherTimeout, cancellationToken).ConfigureAwait(false) is { } obstacle) return Refuse(obstacle);
            var id = createId!();
            _invitation.TrySetResult(new DeviceGroupReply { CommunicatorId = ByteString.CopyFrom(id) });
            own = join(id);
            _ = ReportAsync(own);
            if (await OutcomeAsync(joinTimeout, cancellationToken).ConfigureAwait(false) is { } problem) return Refuse(problem);
            _verdict.TrySetResult(new DeviceGroupReply());
            var result = new DeviceGroupResult(own.Take(), null);
            own = null;
            return result;
        }
        catch (CommunicatorException e)
        {
            return Refuse($"rank {firstRank}: {e.Message}");
        }
        finally
        {
            own?.GiveUp();
            Refuse("the shard has ended");
        }
    }

    /// <summary>Serves another rank.</summary>
    /// <param name="first">Its offer.</param>
    /// <param name="requests">What it says next.</param>
    /// <param name="replies">What it is told.</param>
    /// <param name="cancellationToken">The call or the shard ends.</param>
    public async Task ServeAsync(
        DeviceGroupRequest first, IAsyncStreamReader<DeviceGroupRequest> requests, IServerStreamWriter<DeviceGroupReply> replies,
        CancellationToken cancellationToken)
    {
        if (first.Offer is null || !Offer(first.Caller, first.Offer))
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"no offer of rank {first.Caller} is waited for here"));
        var invitation = await _invitation.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await replies.WriteAsync(invitation, cancellationToken).ConfigureAwait(false);
        if (invitation.Refusal.Length > 0) return;

        // It may be told the end before it has joined.
        var hearing = HearAsync(first.Caller, requests, cancellationToken);
        try
        {
            var verdict = await _verdict.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            await replies.WriteAsync(verdict, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await hearing.ConfigureAwait(false);
        }
    }

    private async Task HearAsync(int rank, IAsyncStreamReader<DeviceGroupRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            if (await requests.MoveNext(cancellationToken).ConfigureAwait(false)) Report(rank, requests.Current.Problem);
            else Report(rank, "it has left");
        }
        catch (Exception e) when (e is RpcException or IOException or OperationCanceledException)
        {
            Report(rank, OneLine.Of(e.Message));
        }
    }

    private async Task ReportAsync(GroupJoin own) => Report(firstRank, await own.OutcomeAsync().ConfigureAwait(false) ?? "");

    /// <summary>False for a rank that is none of the stage's, or has offered already.</summary>
    private bool Offer(int rank, DeviceOffer offer)
    {
        lock (_lock)
        {
            var index = rank - firstRank;
            if ((uint)index >= (uint)size || _offers[index] is not null) return false;
            _offers[index] = offer;
            if (Array.TrueForAll(_offers, offer => offer is not null) || DeviceOffers.FindObstacle(_offers, firstRank) is not null) _gathered.TrySetResult();
            return true;
        }
    }

    private void Report(int rank, string problem)
    {
        lock (_lock)
        {
            if (problem.Length > 0) _outcome.TrySetResult($"rank {rank}: {problem}");
            _joined[rank - firstRank] = true;
            if (Array.TrueForAll(_joined, joined => joined)) _outcome.TrySetResult(null);
        }
    }

    private async Task<string?> FindObstacleAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await _gathered.Task.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return $"no offer came {From(rank => _offers[rank] is null)} within {timeout.TotalSeconds:0.#} s";
        }

        lock (_lock) return DeviceOffers.FindObstacle(_offers, firstRank);
    }

    private async Task<string?> OutcomeAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await _outcome.Task.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return $"nothing was heard {From(rank => !_joined[rank])} for {timeout.TotalSeconds:0.#} s";
        }
    }

    private string From(Func<int, bool> isSilent)
    {
        lock (_lock) return "from " + string.Join(", ", Enumerable.Range(0, size).Where(isSilent).Select(rank => $"rank {firstRank + rank}"));
    }

    private DeviceGroupResult Refuse(string why)
    {
        _invitation.TrySetResult(new DeviceGroupReply { Refusal = why });
        _verdict.TrySetResult(new DeviceGroupReply { Refusal = why });
        return new DeviceGroupResult(null, why);
    }
}
