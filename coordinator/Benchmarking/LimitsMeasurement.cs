using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Sessions;
using Grpc.Core;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>Has workers measure what their devices do at most: the ranks of a stage at once, as they compute, and stage after stage.</summary>
internal static class LimitsMeasurement
{
    /// <returns>Of each rank.</returns>
    /// <exception cref="ClusterException">A worker fails.</exception>
    public static async Task<RankLimits[]> RunAsync(ModelSession session, CancellationToken cancellationToken)
    {
        var limits = new List<RankLimits>();
        foreach (var stage in session.Ranks.Chunk(session.Plan.Shards.TensorParallelSize))
            limits.AddRange(await Task.WhenAll(stage.Select(rank => MeasureAsync(rank, cancellationToken))).ConfigureAwait(false));
        return [.. limits];
    }

    private static async Task<RankLimits> MeasureAsync(RankConnection rank, CancellationToken cancellationToken)
    {
        try
        {
            var limits = await rank.MeasureLimitsAsync(cancellationToken).ConfigureAwait(false);
            return new RankLimits(limits.ReadBytesPerSecond, limits.MultiplyAddsPerSecond);
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ClusterException($"worker '{rank.Member.Name}' at {rank.Member.Address} (rank {rank.Rank}) could not measure its limits: {e.Status.Detail}");
        }
    }
}
