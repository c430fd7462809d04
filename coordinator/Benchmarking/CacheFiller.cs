using Cluster.Coordinator.CacheFiles;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Sessions;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Model.Synthesis;
using Cluster.Protos.V1;
using Google.Protobuf;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>
/// Fills a cache with random rows by the way that restores saved ones: to compute the keys and values of a long text costs minutes, and what
/// reading them costs does not depend on them. The blocks are published under a text's tokens, so that requests that begin with it find
/// them as they find any cached prefix.
/// </summary>
internal sealed class CacheFiller(ModelSession session, ModelConfig config, int seed)
{
    /// <summary>The most that workers take at a time.</summary>
    private const int PartBytes = 1 << 20;

    private readonly SynthRandom _random = new((ulong)seed);
    private readonly Dictionary<TensorType, RandomBlocks> _pools = [];
    private readonly byte[] _buffer = new byte[PartBytes];

    /// <summary>Fills blocks for a text and keeps them until the session ends.</summary>
    /// <param name="tokens">Whole blocks; another text for each call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ClusterException">There is no room, or a worker fails.</exception>
    public async Task FillAsync(ReadOnlyMemory<int> tokens, CancellationToken cancellationToken)
    {
        var table = new BlockTable();
        var hasRoom = false;
        await session.Engine.RunBetweenStepsAsync(parts =>
        {
            hasRoom = parts.Blocks.TryGrow(table, written: 0, tokens.Length, copies: []);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        if (!hasRoom) throw new ClusterException($"the KV cache has no room for {tokens.Length} tokens more");

        await WriteAsync(Region(table, tokens.Length), cancellationToken).ConfigureAwait(false);
        await session.Engine.RunBetweenStepsAsync(parts =>
        {
            parts.Blocks.Publish(table, tokens.Span);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
    }

    private CacheRegion Region(BlockTable table, int tokens)
    {
        var region = new CacheRegion { PlanVersion = session.Plan.Version, TokenCount = tokens };
        foreach (var block in table.Blocks) region.BlockTable.Add(block);
        return region;
    }

    private async Task WriteAsync(CacheRegion region, CancellationToken cancellationToken)
    {
        var writes = session.Ranks.Select(rank => new RankCacheWrite(rank, session.Plan.Shards.Shards[rank.Rank], cancellationToken)).ToArray();
        try
        {
            foreach (var write in writes) await write.BeginAsync(region).ConfigureAwait(false);

            var cursor = new KvCursor(new IndexRange(0, config.LayerCount), new IndexRange(0, config.KvHeadCount), region.TokenCount);
            while (!cursor.IsAtEnd)
            {
                var part = NextPart(cursor);
                foreach (var write in writes)
                    if (write.Holds(part.Layer, part.KvHead)) await write.SendAsync(part).ConfigureAwait(false);
            }

            foreach (var write in writes) await write.EndAsync().ConfigureAwait(false);
        }
        finally
        {
            foreach (var write in writes) write.Dispose();
        }
    }

    private CachePart NextPart(KvCursor cursor)
    {
        var format = session.Plan.Options.CacheFormat.Layer(cursor.Layer, config.LayerCount, config.HeadDim);
        var rowBytes = format.RowBytes(cursor.Part, config.HeadDim);
        var count = Math.Min(cursor.RowsLeft, PartBytes / rowBytes);
        var rows = _buffer.AsMemory(0, count * rowBytes);
        PoolOf(cursor.Part == KvPart.Keys ? format.KeyType : format.ValueType).Fill(rows.Span, _random);
        var part = new CachePart
        {
            Layer = cursor.Layer,
            KvHead = cursor.KvHead,
            Kind = cursor.Part == KvPart.Keys ? CachePartKind.Keys : CachePartKind.Values,
            FirstToken = cursor.Token,

            // Sending is over before the buffer is filled again.
            Rows = UnsafeByteOperations.UnsafeWrap(rows),
        };
        cursor.Advance(count);
        return part;
    }

    /// <summary>Keys and values of random weights have a deviation of about 1, as the normalized states that they are products of.</summary>
    private RandomBlocks PoolOf(TensorType type)
    {
        if (!_pools.TryGetValue(type, out var pool)) _pools[type] = pool = new RandomBlocks(TensorTraits.Get(type), 1, _random);
        return pool;
    }
}
