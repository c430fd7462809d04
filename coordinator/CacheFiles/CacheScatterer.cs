using Cluster.Coordinator.Ranks;
using Cluster.Model.KvCache;
using Cluster.Model.KvCache.Files;
using Cluster.Model.Sharding;
using Cluster.Protos.V1;
using Google.Protobuf;

namespace Cluster.Coordinator.CacheFiles;

/// <summary>Brings the rows of a file to the ranks that hold their layers and heads.</summary>
internal sealed class CacheScatterer(ShardPlan plan, IReadOnlyList<RankConnection> ranks)
{
    /// <param name="file">At its first row; read to its end, so that all its checksums are good when this returns.</param>
    /// <param name="region">Where the rows go.</param>
    /// <param name="firstToken">The file's token that is the region's first.</param>
    /// <param name="cancellationToken">Gives up; the region then holds anything.</param>
    /// <exception cref="ClusterException">A worker fails or refuses.</exception>
    /// <exception cref="KvCacheFileException">The file is damaged.</exception>
    public async Task RunAsync(KvCacheFileReader file, CacheRegion region, int firstToken, CancellationToken cancellationToken)
    {
        var writes = ranks.Select(rank => new RankCacheWrite(rank, plan.Shards[rank.Rank], cancellationToken)).ToArray();
        try
        {
            foreach (var write in writes) await write.BeginAsync(region).ConfigureAwait(false);

            var buffer = new byte[KvCacheFileReader.BufferBytes];
            while (file.TryRead(buffer, out var rows))
            {
                if (CutOut(rows, buffer, firstToken, region.TokenCount) is not { } part) continue;
                foreach (var write in writes)
                    if (write.Holds(rows.Layer, rows.KvHead)) await write.SendAsync(part).ConfigureAwait(false);
            }

            foreach (var write in writes) await write.EndAsync().ConfigureAwait(false);
        }
        finally
        {
            foreach (var write in writes) write.Dispose();
        }
    }

    /// <returns>The rows of the region's tokens, or null when there are none.</returns>
    private static CachePart? CutOut(in KvCacheFileRows rows, byte[] buffer, int firstToken, int tokenCount)
    {
        var start = Math.Max(rows.FirstToken, firstToken);
        var count = Math.Min(rows.FirstToken + rows.Count, firstToken + tokenCount) - start;
        if (count <= 0) return null;

        return new CachePart
        {
            Layer = rows.Layer,
            KvHead = rows.KvHead,
            Kind = rows.Part == KvPart.Keys ? CachePartKind.Keys : CachePartKind.Values,
            FirstToken = start - firstToken,

            // Sending is over before the buffer is filled again.
            Rows = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory((start - rows.FirstToken) * rows.RowBytes, count * rows.RowBytes)),
        };
    }
}
