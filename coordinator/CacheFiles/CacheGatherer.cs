using Cluster.Coordinator.Ranks;
using Cluster.Model.KvCache;
using Cluster.Model.KvCache.Files;
using Cluster.Model.Sharding;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Coordinator.CacheFiles;

/// <summary>
/// Brings the rows that are spread over ranks into a file: every rank streams its own, and the file's order says whose turn it is. Of
/// ranks with copies of a head the first sends it.
/// </summary>
internal sealed class CacheGatherer(ShardPlan plan, IReadOnlyList<RankConnection> ranks)
{
    /// <exception cref="ClusterException">A worker fails or sends what is not due.</exception>
    /// <exception cref="KvCacheFileException">The file cannot be written.</exception>
    public async Task RunAsync(CacheRegion region, KvCacheFileWriter file, CancellationToken cancellationToken)
    {
        var calls = ranks.Select(rank => plan.FirstHeldKvHeads(rank.Rank) is { IsEmpty: false } heads
            ? rank.ReadCache(Request(region, plan.Shards[rank.Rank].Layers, heads), cancellationToken)
            : null).ToArray();
        try
        {
            while (!file.Position.IsAtEnd)
            {
                var due = file.Position;
                var rank = Owner(due);
                var part = await ReadAsync(ranks[rank], calls[rank]!, cancellationToken).ConfigureAwait(false);
                if (part is null || part.Layer != due.Layer || part.KvHead != due.KvHead || part.FirstToken != due.Token
                    || part.Kind != (due.Part == KvPart.Keys ? CachePartKind.Keys : CachePartKind.Values)
                    || part.Rows.Length == 0 || part.Rows.Length % file.RowBytes != 0 || part.Rows.Length / file.RowBytes > due.RowsLeft)
                    throw ranks[rank].CacheFailure($"it did not send {due}");
                file.Append(part.Rows.Span);
            }
        }
        finally
        {
            foreach (var call in calls) call?.Dispose();
        }
    }

    private int Owner(KvCursor due)
    {
        var rank = 0;
        while (!plan.Shards[rank].Layers.Contains(due.Layer) || !plan.Shards[rank].KvHeads.Contains(due.KvHead)) rank++;
        return rank;
    }

    private static async Task<CachePart?> ReadAsync(RankConnection rank, AsyncServerStreamingCall<CachePart> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false) ? call.ResponseStream.Current : null;
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw rank.CacheFailure(e.Status.Detail);
        }
    }

    private static ReadCacheRequest Request(CacheRegion region, IndexRange layers, IndexRange kvHeads) => new()
    {
        Region = region,
        Layers = new Protos.V1.Range { Start = layers.Start, End = layers.End },
        KvHeads = new Protos.V1.Range { Start = kvHeads.Start, End = kvHeads.End },
    };
}
