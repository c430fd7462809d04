using System.Collections.Immutable;
using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Shards;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.KvCache;
using Cluster.Worker.Steps;

namespace Cluster.Worker.Shards;

/// <summary>Loads shards of a GGUF file onto the worker's device.</summary>
/// <param name="device">Where shards live.</param>
/// <param name="modelPath">This worker's own copy of the model; null to open it where the coordinator says.</param>
internal sealed class GgufShardLoader(IDevice device, string? modelPath) : IShardLoader
{
    public LoadedShard Load(
        ShardSpecification specification, ICollective collective, IStageLink? link, IProgress<ShardLoadProgress> progress,
        CancellationToken cancellationToken)
    {
        var resources = new Stack<IDisposable>();
        try
        {
            return Load(specification, collective, link, progress, resources, cancellationToken);
        }
        catch (Exception e)
        {
            foreach (var resource in resources) resource.Dispose();
            if (Translate(e, specification) is { } known) throw known;
            throw;
        }
    }

    private LoadedShard Load(
        ShardSpecification specification, ICollective collective, IStageLink? link, IProgress<ShardLoadProgress> progress,
        Stack<IDisposable> resources, CancellationToken cancellationToken)
    {
        var file = ModelFileOpener.Open(specification, modelPath);
        resources.Push(file);
        var config = ModelConfigReader.Read(file);
        ShardFitCheck.Require(specification.Shard, config);

        var model = ShardModel.Load(device, file, config, specification.Shard, progress, cancellationToken);
        resources.Push(model);
        var shape = new KvCacheShape
        {
            Layers = LayerFormats(specification, config),
            KvHeadCount = specification.Shard.KvHeads.Count,
            HeadDim = config.HeadDim,
            BlockTokens = specification.BlockTokens,
            BlockCount = specification.BlockCount,
        };
        var cache = device.CreateKvCache(shape);
        resources.Push(cache);
        var executor = new ShardExecutor(device, model, cache, collective, link, specification.MaxStepTokens);
        resources.Push(executor);

        return new LoadedShard(
            new OwnedExecutor(executor, resources),
            cache,
            new StepLimits(specification.MaxStepTokens, config.VocabularySize, specification.BlockTokens, specification.BlockCount),
            new ShardMemory(model.WeightBytes, cache.Bytes, executor.ScratchBytes, shape.BytesPerToken));
    }

    private static ImmutableArray<KvLayerFormat> LayerFormats(ShardSpecification specification, ModelConfig config)
    {
        var layers = specification.Shard.Layers;
        return [.. Enumerable.Range(layers.Start, layers.Count).Select(layer => specification.CacheFormat.Layer(layer, config.LayerCount, config.HeadDim))];
    }

    private ShardLoadException? Translate(Exception e, ShardSpecification specification) => e switch
    {
        ShardLoadException or OperationCanceledException => null,
        FileNotFoundException or DirectoryNotFoundException =>
            new ShardLoadException(ShardLoadFailure.ModelNotFound, $"{modelPath ?? specification.ModelPath}: no such file"),
        GgufFormatException => new ShardLoadException(ShardLoadFailure.WrongModel, e.Message),
        IOException or UnauthorizedAccessException =>
            new ShardLoadException(ShardLoadFailure.WrongModel, $"{modelPath ?? specification.ModelPath}: {e.Message}"),
        OutOfMemoryException => new ShardLoadException(
            ShardLoadFailure.Device, $"{device.Description.Id} has no memory for {specification.Identity}"),
        DeviceUnavailableException => new ShardLoadException(ShardLoadFailure.Device, e.Message),
        _ => null,
    };
}
