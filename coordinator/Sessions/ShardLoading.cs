using System.Collections.Immutable;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Ranks;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Coordinator.Sessions;

/// <summary>Has every rank of a plan load its shard at the same time: they wait for each other to connect.</summary>
internal sealed class ShardLoading(ClusterPlan plan, ModelReference model, Action<LoadProgress> progress)
{
    private readonly Lock _lock = new();
    private readonly LoadProgress[] _ranks = new LoadProgress[plan.Shards.WorldSize];
    private readonly List<string> _problems = [];
    private readonly List<Member> _workers = [];

    /// <returns>What each rank's shard takes.</returns>
    /// <exception cref="ShardLoadingException">Shards could not be loaded; a line for each.</exception>
    public async Task<ImmutableArray<ShardReady>> RunAsync(IReadOnlyList<RankConnection> ranks, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loads = ranks.Select(rank => LoadAsync(rank, failed)).ToArray();
        var ready = await Task.WhenAll(loads).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (_problems.Count > 0) throw new ShardLoadingException(string.Join(Environment.NewLine, _problems), [.. _workers]);
        return [.. ready.OfType<ShardReady>()];
    }

    private async Task<ShardReady?> LoadAsync(RankConnection rank, CancellationTokenSource failed)
    {
        try
        {
            return await rank.LoadAsync(PlanMessages.LoadRequest(plan, rank.Rank, model), (loaded, total) => Report(rank.Rank, loaded, total), failed.Token)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
        {
            // The first failure ends the other loads; what they say then is of no interest.
            lock (_lock)
            {
                if (!failed.IsCancellationRequested)
                {
                    _problems.Add($"rank {rank.Rank} on worker '{rank.Member.Name}' at {rank.Member.Address} cannot load its shard: {Explain(e)}");
                    _workers.Add(rank.Member);
                }
            }

            await failed.CancelAsync().ConfigureAwait(false);
            return null;
        }
    }

    private static string Explain(Exception e) => e is RpcException rpc ? (rpc.Status.Detail is { Length: > 0 } detail ? detail : rpc.StatusCode.ToString()) : e.Message;

    private void Report(int rank, ulong loaded, ulong total)
    {
        lock (_lock)
        {
            _ranks[rank] = new LoadProgress((long)loaded, (long)total);
            progress(new LoadProgress(_ranks.Sum(r => r.Loaded), _ranks.Sum(r => r.Total)));
        }
    }
}
