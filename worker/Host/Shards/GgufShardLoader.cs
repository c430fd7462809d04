using System.Collections.Immutable;
using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Shards;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.KvCache;
using Cluster.Worker.Steps;
using Cluster.Worker.Weights;

namespace Cluster.Worker.Shards;

/// <summary>Loads shards of a GGUF file onto the worker's device.</summary>
/// <param name="device">Where shards live.</param>
/// <param name="models">Opens the plan's model.</param>
internal sealed class GgufShardLoader(IDevice device, ModelFileOpener models) : IShardLoader
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
        var (file, pieces) = models.Open(specification, cancellationToken);
        resources.Push(file);
        var config = ModelConfigReader.Read(file);
        ShardFitCheck.Require(specification.Shard, config);
        var world = specification.TensorParallelSize * specification.PipelineSize;
        pieces?.Prefetch(ShardPieces.Of(file, config, specification.Shard, (double)specification.Shard.Rank / world));

        var model = ShardModel.Load(device, file, config, specification.Shard, progress, cancellationToken);
        resources.Push(model);
        ImmutableArray<KvCacheShard> caches = [.. specification.CacheFormats.Select(CreateCache)];
        var executor = new ShardExecutor(device, model, caches, collective, link, specification.MaxStepTokens, specification.PipelineSize);
        resources.Push(executor);

        return new LoadedShard(
            new OwnedExecutor(executor, resources),
            caches[0],
            new StepLimits(specification.MaxStepTokens, config.VocabularySize, specification.BlockTokens, specification.BlockCount, specification.CacheFormats.Length),
            new ShardMemory(model.WeightBytes, [.. caches.Select(cache => cache.Bytes)], executor.ScratchBytes, caches[0].Shape.BytesPerToken)
            {
                Origins = pieces?.Origins ?? default,
            });

        KvCacheShard CreateCache(KvCacheFormat format)
        {
            var cache = device.CreateKvCache(CacheShape(specification, config, format), model.OutputGrams);
            resources.Push(cache);
            return cache;
        }
    }

    private static KvCacheShape CacheShape(ShardSpecification specification, ModelConfig config, KvCacheFormat format)
    {
        var layers = specification.Shard.Layers;
        return new KvCacheShape
        {
            Layers = [.. Enumerable.Range(layers.Start, layers.Count).Select(layer => format.Layer(layer, config.LayerCount, config.HeadDim))],
            KvHeadCount = specification.Shard.KvHeads.Count,
            HeadDim = config.HeadDim,
            BlockTokens = specification.BlockTokens,
            BlockCount = specification.BlockCount,
        };
    }

    private ShardLoadException? Translate(Exception e, ShardSpecification specification) => e switch
    {
        ShardLoadException or OperationCanceledException => null,
        FileNotFoundException or DirectoryNotFoundException =>
            new ShardLoadException(ShardLoadFailure.ModelNotFound, $"{models.PathOf(specification)}: no such file"),
        GgufFormatException => new ShardLoadException(ShardLoadFailure.WrongModel, e.Message),
        IOException or UnauthorizedAccessException =>
            new ShardLoadException(ShardLoadFailure.WrongModel, $"{models.PathOf(specification)}: {e.Message}"),
        OutOfMemoryException => new ShardLoadException(
            ShardLoadFailure.Device, $"{device.Description.Id} has no memory for {specification.Identity}: {e.Message}"),
        DeviceUnavailableException => new ShardLoadException(ShardLoadFailure.Device, e.Message),
        _ => null,
    };
}
