using Cluster.Compute.Cpu;
using Cluster.Compute.Devices;
using Cluster.Protos.V1;
using Cluster.Worker.Shards;
using Cluster.Worker.Tests.Support;
using Grpc.Core;

namespace Cluster.Worker.Tests.Shards;

public sealed class GgufShardLoaderTests
{
    /// <summary>Each spoils a request for the sample model in one way.</summary>
    private static readonly (StatusCode Status, string Problem, Action<LoadShardRequest> Spoil)[] s_spoilers =
    [
        (StatusCode.NotFound, "/no/such.gguf: no such file", request => request.Model.Path = "/no/such.gguf"),
        (StatusCode.FailedPrecondition, "another model", request => request.Model.Length = 5),
        (StatusCode.InvalidArgument, "the model has no path", request => request.Model.Path = ""),
        (StatusCode.InvalidArgument, "header hash has 1 bytes", request => request.Model.HeaderSha256 = Google.Protobuf.ByteString.CopyFrom(1)),
        (StatusCode.InvalidArgument, "no plan", request => request.Plan = null),
        (StatusCode.InvalidArgument, "no model", request => request.Model = null),
        (StatusCode.InvalidArgument, "no KV cache", request => request.KvCache = null),
        (StatusCode.InvalidArgument, "the plan has no version", request => request.Plan.Version = 0),
        (StatusCode.InvalidArgument, "the tensor-parallel size is 0", request => request.Plan.TensorParallelSize = 0),
        (StatusCode.InvalidArgument, "the pipeline size is -1", request => request.Plan.PipelineSize = -1),
        (StatusCode.InvalidArgument, "need 2 shards", request => request.Plan.PipelineSize = 2),
        (StatusCode.InvalidArgument, "rank 1 is not in a plan of 1", request => request.Rank = 1),
        (StatusCode.InvalidArgument, "is not HOST:PORT", request => request.Plan.Addresses[0] = "nowhere"),
        (StatusCode.InvalidArgument, "says that it is rank 3", request => request.Plan.Shards[0].Rank = 3),
        (StatusCode.InvalidArgument, "layers of the shard are [5, 2)", request => request.Plan.Shards[0].Layers = new() { Start = 5, End = 2 }),
        (StatusCode.InvalidArgument, "layers [0, 9) are not in the model's 8", request => request.Plan.Shards[0].Layers.End = 9),
        (StatusCode.InvalidArgument, "the shard has no KV heads", request => request.Plan.Shards[0].KvHeads.End = 0),
        (StatusCode.InvalidArgument, "are not the groups of KV heads", request => request.Plan.Shards[0].QueryHeads.End = 7),
        (StatusCode.InvalidArgument, "the shard has no vocabulary", request => request.Plan.Shards[0].Vocabulary = null),
        (StatusCode.InvalidArgument, "'q9_9' is not known", request => request.KvCache.Formats[0].KeyType = "q9_9"),
        (StatusCode.InvalidArgument, "0 KV cache formats", request => request.KvCache.Formats.Clear()),
        (StatusCode.InvalidArgument, "0 blocks of 16 tokens", request => request.KvCache.BlockCount = 0),
        (StatusCode.InvalidArgument, "steps of at most 0 tokens", request => request.MaxStepTokens = 0),
        (StatusCode.InvalidArgument, "wire format 9 is not known", request => request.Wire = (WireFormat)9),
    ];

    public static TheoryData<int> Spoilers() => [.. Enumerable.Range(0, s_spoilers.Length)];

    [Theory]
    [MemberData(nameof(Spoilers))]
    public async Task AWrongRequestIsOneLineThatNamesTheWorker(int spoiler)
    {
        var (status, problem, spoil) = s_spoilers[spoiler];
        using var device = new CpuDeviceProvider().Open(0, new DeviceOptions { Threads = 1 });
        await using var worker = await TestWorker.StartAsync("w5", new GgufShardLoader(device, new ModelFileOpener(null, null)));
        var request = SampleShard.Request();
        spoil(request);

        var e = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(request));

        Assert.Equal(status, e.StatusCode);
        Assert.StartsWith("worker w5: ", e.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(problem, e.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Status.Detail);
    }

    [Fact]
    public async Task CountsWhatTheShardTakes()
    {
        await using var shard = new SampleShard(threads: 1);

        // 8 layers, 4 KV heads of 64: a key row is two q8_0 blocks of 34 bytes, a value row two q4_0 blocks of 18.
        Assert.Equal(8 * 4 * 2 * (34 + 18), shard.Memory.KvPerToken);
        Assert.InRange(shard.Memory.KvCache, shard.Memory.KvPerToken * 16 * 16, shard.Memory.KvPerToken * 16 * 16 * 5 / 4);
        Assert.InRange(shard.Memory.Weights, 10_000_000, 60_000_000);
        Assert.InRange(shard.Memory.Scratch, 1, 10_000_000);
    }
}
