using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Layers;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.Sharding;

namespace Cluster.Compute.Shards;

/// <summary>One shard's weights on a device. The model file must stay open: the embedding table is used in place.</summary>
public sealed class ShardModel : IDisposable
{
    internal ShardModel(
        ModelConfig config, int feedForwardWidth, AttentionShape attention, RotaryTable rotary, EmbeddingTable? embedding,
        TransformerLayer[] layers, LanguageModelHead? head, IOutputGrams outputGrams, long weightBytes)
    {
        HiddenSize = config.HiddenSize;
        NormEpsilon = config.NormEpsilon;
        FeedForwardWidth = feedForwardWidth;
        Attention = attention;
        Rotary = rotary;
        Embedding = embedding;
        Layers = layers;
        Head = head;
        OutputGrams = outputGrams;
        WeightBytes = weightBytes;
    }

    /// <summary>Bytes of weights on the device, counted from its allocations.</summary>
    public long WeightBytes { get; }

    /// <summary>For caches that round values by what the output projections make of their errors.</summary>
    public IOutputGrams OutputGrams { get; }

    internal int HiddenSize { get; }

    internal float NormEpsilon { get; }

    /// <summary>Feed-forward columns of this rank.</summary>
    internal int FeedForwardWidth { get; }

    internal AttentionShape Attention { get; }

    internal RotaryTable Rotary { get; }

    /// <summary>On the first stage only.</summary>
    internal EmbeddingTable? Embedding { get; }

    internal TransformerLayer[] Layers { get; }

    /// <summary>The most of any row-parallel matrix.</summary>
    internal int SumPlanes => Layers.Max(layer => layer.SumPlanes);

    /// <summary>On the last stage only.</summary>
    internal LanguageModelHead? Head { get; }

    /// <summary>Reads what <paramref name="shard"/> takes of the model and lays it out for <paramref name="device"/>.</summary>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellation">Ends the load between two tensors.</param>
    public static ShardModel Load(
        IDevice device, GgufFile file, ModelConfig config, Shard shard, IProgress<ShardLoadProgress>? progress = null,
        CancellationToken cancellation = default) =>
        new ShardLoader(device, file, config, shard, progress, cancellation).Load();

    public void Dispose()
    {
        Embedding?.Dispose();
        foreach (var layer in Layers) layer.Dispose();
        Head?.Dispose();
    }
}
