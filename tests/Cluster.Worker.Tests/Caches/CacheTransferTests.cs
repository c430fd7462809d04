using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Protos.V1;
using Cluster.Worker.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using ProtoRange = Cluster.Protos.V1.Range;

namespace Cluster.Worker.Tests.Caches;

/// <summary>
/// Cached rows over gRPC, of workers with heads of 64, blocks of 16 tokens, 4 blocks, q8_0 keys and q4_0 values, one layer a stage and one KV head a
/// tensor rank.
/// </summary>
public sealed class CacheTransferTests
{
    private const int Tokens = 41;

    private static readonly KvLayerFormat s_format = new(TensorType.Q8_0, TensorType.Q4_0);
    private static readonly int[] s_blocks = [3, 0, 2];
    private static readonly StepWork s_nothing = (_, _, _, _, _) => { };

    [Fact]
    public async Task Rows_are_read_back_as_they_were_written_on_every_rank()
    {
        await using var cluster = await TestCluster.StartAsync(2, 2, s_nothing);
        var random = new Random(3);
        for (var rank = 0; rank < 4; rank++)
        {
            var (layer, head) = (rank / 2, rank % 2);
            var parts = Parts(random, layer, head).ToList();

            var written = await WriteAsync(cluster.Workers[rank], Region(), parts);
            var read = await ReadAsync(cluster.Workers[rank], Region(), layer, head);

            Assert.Equal(parts.Sum(part => part.Rows.Length), written);
            Assert.Equal([CachePartKind.Keys, CachePartKind.Values], read.Select(part => part.Kind));
            foreach (var kind in (CachePartKind[])[CachePartKind.Keys, CachePartKind.Values])
                Assert.Equal(Rows(parts, kind), Rows(read, kind));
            Assert.All(read, part => Assert.Equal((layer, head, 0), (part.Layer, part.KvHead, part.FirstToken)));
        }
    }

    [Fact]
    public async Task Fewer_tokens_are_read_from_the_same_blocks()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, s_nothing);
        var parts = Parts(new Random(4), 0, 0).ToList();
        await WriteAsync(cluster.Workers[0], Region(), parts);

        var read = await ReadAsync(cluster.Workers[0], Region(tokens: 20), 0, 0);

        Assert.Equal(Rows(parts, CachePartKind.Values)[..(20 * 36)], Rows(read, CachePartKind.Values));
    }

    [Fact]
    public async Task Rows_move_between_steps_never_beside_one()
    {
        using var inStep = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        await using var cluster = await TestCluster.StartAsync(1, 1, (_, _, _, _, _) =>
        {
            inStep.Set();
            goOn.Wait();
        });
        await cluster.SendAsync(1);
        inStep.Wait();
        var reading = ReadAsync(cluster.Workers[0], Region(), 0, 0);
        Assert.False(reading.IsCompleted);
        goOn.Set();

        Assert.Equal("", (await cluster.ReceiveAsync(0)).Error);
        Assert.Equal(2, (await reading).Count);
    }

    [Fact]
    public async Task What_is_not_in_the_shard_is_refused()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, s_nothing);
        var worker = cluster.Workers[0];
        await AssertReadRefused(StatusCode.FailedPrecondition, "plan 9 was asked for", Region(plan: 9));
        await AssertReadRefused(StatusCode.InvalidArgument, "no region", null);
        await AssertReadRefused(StatusCode.InvalidArgument, "3 blocks of 16 tokens hold no 49", Region(tokens: 49));
        await AssertReadRefused(StatusCode.InvalidArgument, "hold no 0", Region(tokens: 0));
        await AssertReadRefused(StatusCode.InvalidArgument, "block 4", Region(blocks: [0, 4, 1]));
        await AssertReadRefused(StatusCode.InvalidArgument, "block -1", Region(blocks: [0, -1, 1]));
        await AssertReadRefused(StatusCode.InvalidArgument, "block 2 twice", Region(blocks: [2, 1, 2]));
        await AssertReadRefused(StatusCode.InvalidArgument, "layers [1, 2)", Region(), layer: 1);
        await AssertReadRefused(StatusCode.InvalidArgument, "KV heads [-1, 0)", Region(), head: -1);

        async Task AssertReadRefused(StatusCode status, string problem, CacheRegion? region, int layer = 0, int head = 0) =>
            AssertRefused(await Assert.ThrowsAsync<RpcException>(() => ReadAsync(worker, region, layer, head)), status, problem);
    }

    [Fact]
    public async Task Rows_that_are_not_due_are_refused_and_leave_what_was_there()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, s_nothing);
        var worker = cluster.Workers[0];
        var good = Parts(new Random(5), 0, 0).ToList();
        await WriteAsync(worker, Region(), good);
        await AssertWriteRefused("no part", [null]);
        await AssertWriteRefused("the rows end before layer 0, KV head 0, keys of token 0", []);
        await AssertWriteRefused("the rows end before", [good[0]]);
        await AssertWriteRefused("came, layer 0, KV head 0, keys of token 0 is due", [good[1]]);
        await AssertWriteRefused("layer 1", [Spoil(part => part.Layer = 1)]);
        await AssertWriteRefused("KV head 1", [Spoil(part => part.KvHead = 1)]);
        await AssertWriteRefused("Values of token 0 came", [Spoil(part => part.Kind = CachePartKind.Values)]);
        await AssertWriteRefused("rows of 68 bytes are left", [Spoil(part => part.Rows = ByteString.CopyFrom(new byte[67]))]);
        await AssertWriteRefused("0 bytes came", [Spoil(part => part.Rows = ByteString.Empty)]);
        await AssertWriteRefused("41 rows of 68 bytes are left", [Spoil(part => part.Rows = ByteString.CopyFrom(new byte[42 * 68]))]);
        await AssertWriteRefused("1048576 are the most", [Spoil(part => part.Rows = ByteString.CopyFrom(new byte[68 << 14]))]);
        await AssertWriteRefused("follows the last one", [.. good, good[^1]]);
        AssertRefused(
            await Assert.ThrowsAsync<RpcException>(() => WriteAsync(worker, null, good)), StatusCode.InvalidArgument, "no region");

        Assert.Equal(Rows(good, CachePartKind.Keys), Rows(await ReadAsync(worker, Region(), 0, 0), CachePartKind.Keys));

        CachePart Spoil(Action<CachePart> spoil)
        {
            var part = good[0].Clone();
            spoil(part);
            return part;
        }

        async Task AssertWriteRefused(string problem, IEnumerable<CachePart?> parts) =>
            AssertRefused(await Assert.ThrowsAsync<RpcException>(() => WriteAsync(worker, Region(), parts)), StatusCode.InvalidArgument, problem);
    }

    [Fact]
    public async Task Without_a_shard_there_is_no_cache()
    {
        await using var worker = await TestWorker.StartAsync("lonely", new WorkLoader(s_nothing));
        AssertRefused(
            await Assert.ThrowsAsync<RpcException>(() => ReadAsync(worker, Region(), 0, 0)), StatusCode.FailedPrecondition, "lonely: no shard is loaded");
    }

    private static void AssertRefused(RpcException error, StatusCode status, string problem)
    {
        Assert.Equal(status, error.StatusCode);
        Assert.Contains(problem, error.Status.Detail, StringComparison.Ordinal);
        Assert.StartsWith("worker ", error.Status.Detail, StringComparison.Ordinal);
    }

    private static CacheRegion Region(int tokens = Tokens, ulong plan = 1, int[]? blocks = null) =>
        new() { PlanVersion = plan, TokenCount = tokens, BlockTable = { blocks ?? s_blocks } };

    /// <summary>Random rows in the order that is due, cut into parts of random length.</summary>
    private static IEnumerable<CachePart> Parts(Random random, int layer, int head)
    {
        var cursor = new KvCursor(new IndexRange(layer, layer + 1), new IndexRange(head, head + 1), Tokens);
        while (!cursor.IsAtEnd)
        {
            var count = random.Next(1, cursor.RowsLeft + 1);
            var rows = new byte[count * s_format.RowBytes(cursor.Part, 64)];
            random.NextBytes(rows);
            yield return new CachePart
            {
                Layer = layer,
                KvHead = head,
                Kind = cursor.Part == KvPart.Keys ? CachePartKind.Keys : CachePartKind.Values,
                FirstToken = cursor.Token,
                Rows = ByteString.CopyFrom(rows),
            };
            cursor.Advance(count);
        }
    }

    private static byte[] Rows(IEnumerable<CachePart> parts, CachePartKind kind) =>
        [.. parts.Where(part => part.Kind == kind).SelectMany(part => part.Rows.ToByteArray())];

    private static async Task<List<CachePart>> ReadAsync(TestWorker worker, CacheRegion? region, int layer, int head)
    {
        using var call = worker.Client.ReadCache(new ReadCacheRequest
        {
            Region = region,
            Layers = new ProtoRange { Start = layer, End = layer + 1 },
            KvHeads = new ProtoRange { Start = head, End = head + 1 },
        });
        var parts = new List<CachePart>();
        await foreach (var part in call.ResponseStream.ReadAllAsync()) parts.Add(part);
        return parts;
    }

    private static async Task<long> WriteAsync(TestWorker worker, CacheRegion? region, IEnumerable<CachePart?> parts)
    {
        using var call = worker.Client.WriteCache();
        try
        {
            await call.RequestStream.WriteAsync(new WriteCacheRequest { Region = region });
            foreach (var part in parts) await call.RequestStream.WriteAsync(new WriteCacheRequest { Part = part });
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
        {
            // The worker ended the call already; it says why.
        }

        return (long)(await call).WrittenBytes;
    }
}
