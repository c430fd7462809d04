using System.Buffers.Binary;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>
/// Rows of a fake rank's cache. A row tells its token and its place in the model, so that one which comes to the wrong layer, head or kind is
/// found out.
/// </summary>
internal sealed class FakeCacheTransfer(LoadShardRequest loaded, FakeRank rank)
{
    private const int HeadDim = 64;

    /// <summary>Parts are short, and end within blocks.</summary>
    private const int RowsOfPart = 23;

    public async Task ReadAsync(ReadCacheRequest request, IServerStreamWriter<CachePart> parts, string? problem)
    {
        if (problem is not null) throw Refusal(problem);

        var cursor = new KvCursor(ToRange(request.Layers), ToRange(request.KvHeads), request.Region.TokenCount);
        while (!cursor.IsAtEnd)
        {
            var count = Math.Min(RowsOfPart, cursor.RowsLeft);
            var rows = Enumerable.Range(cursor.Token, count).SelectMany(token => Row(cursor, Cached(request.Region, token)));
            await parts.WriteAsync(new CachePart
            {
                Layer = cursor.Layer,
                KvHead = cursor.KvHead,
                Kind = (CachePartKind)cursor.Part,
                FirstToken = cursor.Token,
                Rows = ByteString.CopyFrom([.. rows]),
            });
            cursor.Advance(count);
        }
    }

    public async Task<WriteCacheReply> WriteAsync(IAsyncStreamReader<WriteCacheRequest> requests, string? problem)
    {
        var shard = loaded.Plan.Shards[loaded.Rank];
        await requests.MoveNext();
        if (problem is not null) throw Refusal(problem);

        var region = requests.Current.Region;
        var cursor = new KvCursor(ToRange(shard.Layers), ToRange(shard.KvHeads), region.TokenCount);
        while (await requests.MoveNext())
        {
            var part = requests.Current.Part;
            if ((part.Layer, part.KvHead, part.Kind, part.FirstToken) != (cursor.Layer, cursor.KvHead, (CachePartKind)cursor.Part, cursor.Token))
                throw Refusal($"{cursor} was due");

            var rows = part.Rows.ToByteArray().Chunk(RowBytes(cursor)).ToList();
            foreach (var row in rows)
            {
                var token = BinaryPrimitives.ReadInt32LittleEndian(row);
                if (!row.AsSpan().SequenceEqual(Row(cursor, token))) throw Refusal($"{cursor} is another's");
                rank.Cache(region.BlockTable[cursor.Token / rank.BlockTokens], cursor.Token % rank.BlockTokens, token);
                cursor.Advance(1);
            }
        }

        return cursor.IsAtEnd ? new WriteCacheReply() : throw Refusal($"{cursor} is missing");
    }

    private int Cached(CacheRegion region, int token) =>
        rank.Cached(region.BlockTable[token / rank.BlockTokens], token % rank.BlockTokens) ?? throw Refusal($"nothing is cached of token {token}");

    private byte[] Row(KvCursor place, int token)
    {
        var row = new byte[RowBytes(place)];
        new Random(HashCode.Combine(place.Layer, place.KvHead, place.Part)).NextBytes(row);
        BinaryPrimitives.WriteInt32LittleEndian(row, token);
        return row;
    }

    private int RowBytes(KvCursor place)
    {
        var format = loaded.KvCache.Formats[0];
        Assert.True(TensorTraits.TryParse(place.Part == KvPart.Keys ? format.KeyType : format.ValueType, out var type));
        return (int)TensorTraits.Get(type).BytesFor(HeadDim);
    }

    private static IndexRange ToRange(Protos.V1.Range range) => new(range.Start, range.End);

    private static RpcException Refusal(string problem) => new(new Status(StatusCode.FailedPrecondition, problem));
}
