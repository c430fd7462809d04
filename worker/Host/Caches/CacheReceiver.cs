using Cluster.Model.KvCache;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Worker.Caches;

/// <summary>Takes rows into a cache: all layers and heads of the shard, in order and without a gap.</summary>
internal sealed class CacheReceiver(ShardCache cache)
{
    /// <summary>The largest part that is taken.</summary>
    private const int MaxPartBytes = 1 << 20;

    /// <returns>The bytes that were put in.</returns>
    /// <exception cref="RpcException">The region is not this shard's, a part is not the one that is due, or parts are missing.</exception>
    public async Task<long> ReceiveAsync(IAsyncStreamReader<WriteCacheRequest> requests, CancellationToken cancellationToken)
    {
        if (!await requests.MoveNext(cancellationToken).ConfigureAwait(false)) throw CacheRequestReader.Invalid("the stream has no region");
        var stretch = CacheRequestReader.Read(requests.Current.Region, cache);
        var cursor = stretch.Cursor();
        long bytes = 0;
        while (await requests.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            var part = requests.Current.Part ?? throw CacheRequestReader.Invalid("a message has no part");
            var count = CheckPart(part, cursor);
            await cache.WriteAsync(stretch.BlockTable, cursor, part.Rows.Memory).ConfigureAwait(false);
            cursor.Advance(count);
            bytes += part.Rows.Length;
        }

        if (!cursor.IsAtEnd) throw CacheRequestReader.Invalid($"the rows end before {cursor}");
        return bytes;
    }

    /// <returns>Its rows.</returns>
    private int CheckPart(CachePart part, KvCursor due)
    {
        if (due.IsAtEnd) throw CacheRequestReader.Invalid($"a part of layer {part.Layer}, KV head {part.KvHead} follows the last one");
        var kind = due.Part == KvPart.Keys ? CachePartKind.Keys : CachePartKind.Values;
        if (part.Layer != due.Layer || part.KvHead != due.KvHead || part.Kind != kind || part.FirstToken != due.Token)
            throw CacheRequestReader.Invalid($"layer {part.Layer}, KV head {part.KvHead}, {part.Kind} of token {part.FirstToken} came, {due} is due");
        if (part.Rows.Length > MaxPartBytes) throw CacheRequestReader.Invalid($"a part has {part.Rows.Length} bytes, {MaxPartBytes} are the most");

        var (count, rest) = Math.DivRem(part.Rows.Length, cache.RowBytes(due.Layer, due.Part));
        if (rest != 0 || count < 1 || count > due.RowsLeft)
            throw CacheRequestReader.Invalid($"{part.Rows.Length} bytes came for {due}: {due.RowsLeft} rows of {cache.RowBytes(due.Layer, due.Part)} bytes are left");
        return count;
    }
}
