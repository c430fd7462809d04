using Cluster.Compute.Cpu;
using Cluster.Compute.Devices;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Protos.Models;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives;
using Cluster.Worker.Shards;
using Cluster.Worker.Steps;
using Cluster.Worker.Threading;

namespace Cluster.Worker.Tests.Support;

/// <summary>The repository's sample model, whole on one rank of this process.</summary>
internal sealed class SampleShard : IAsyncDisposable
{
    private readonly IDevice _device;
    private readonly ShardLinks _links;
    private readonly LoadedShard _shard;

    public SampleShard(int threads)
    {
        _device = new CpuDeviceProvider().Open(0, new DeviceOptions { Threads = threads });
        var specification = ShardSpecificationReader.Read(Request());
        _links = new ShardLinks(specification, new WakeSignal(), new ShardAbort(), null, null);
        _shard = new GgufShardLoader(_device, new ModelFileOpener(null, null)).Load(
            specification, _links.Collective, _links.StageLink, new Progress<Compute.Shards.ShardLoadProgress>(), CancellationToken.None);
        Runner = new StepRunner(specification, _shard, _links);
    }

    public StepRunner Runner { get; }

    public ShardMemory Memory => _shard.Memory;

    /// <summary>A request for the whole sample model, with a q8_0/q4_0 cache of 16 blocks of 16 tokens.</summary>
    public static LoadShardRequest Request()
    {
        using var file = GgufFile.Open(RepositoryFiles.SampleModel);
        var config = ModelConfigReader.Read(file);
        var request = Requests.Load(1, 0, 1, ["127.0.0.1:1"]);
        request.Model = ModelReferences.Describe(file);
        request.KvCache.BlockCount = 16;
        var shard = request.Plan.Shards[0];
        shard.Layers.End = config.LayerCount;
        shard.KvHeads.End = config.KvHeadCount;
        shard.QueryHeads.End = config.HeadCount;
        shard.FeedForward.End = config.FeedForwardSize;
        shard.Vocabulary = new Protos.V1.Range { End = config.VocabularySize };
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        _shard.Executor.Dispose();
        await _links.DisposeAsync();
        _device.Dispose();
    }
}
