using Cluster.Model.KvCache;
using Cluster.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Worker.Caches;

/// <summary>Hands out rows of a cache, part by part: the compute thread copies one, the network takes it away, then the next.</summary>
internal sealed class CacheSender(ShardCache cache, CacheStretch stretch)
{
    /// <summary>A part's bytes, unless a single row has more: enough to keep a network busy.</summary>
    private const int PartBytes = 256 * 1024;

    public async Task SendAsync(IServerStreamWriter<CachePart> parts, CancellationToken cancellationToken)
    {
        // The writer is done with the bytes when its task is.
        var buffer = new byte[PartBytes];
        var part = new CachePart();
        for (var cursor = stretch.Cursor(); !cursor.IsAtEnd;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rowBytes = cache.RowBytes(cursor.Layer, cursor.Part);
            if (buffer.Length < rowBytes) buffer = new byte[rowBytes];
            var count = Math.Min(cursor.RowsLeft, buffer.Length / rowBytes);
            var rows = buffer.AsMemory(0, count * rowBytes);
            await cache.ReadAsync(stretch.BlockTable, cursor, rows).ConfigureAwait(false);
            part.Layer = cursor.Layer;
            part.KvHead = cursor.KvHead;
            part.Kind = cursor.Part == KvPart.Keys ? CachePartKind.Keys : CachePartKind.Values;
            part.FirstToken = cursor.Token;
            part.Rows = UnsafeByteOperations.UnsafeWrap(rows);
            await parts.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            cursor.Advance(count);
        }
    }
}
