using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Cache.Rounding;
using Cluster.Compute.KvCache;

namespace Cluster.Compute.Gpu;

/// <summary>What errors of a layer's values cost, as it is sent to a GPU: a KV head after the other, computed on all cores.</summary>
internal sealed class LayerOutputWeights : IDisposable
{
    private readonly OutputWeights[] _heads;

    private LayerOutputWeights(IOutputGrams grams, KvCacheShape shape, int layer)
    {
        _heads = new OutputWeights[shape.KvHeadCount];
        Parallel.For(0, _heads.Length, head => _heads[head] = OutputWeights.Of(grams, shape, layer, head));
    }

    public ReadOnlySpan<OutputWeights> Heads => _heads;

    /// <summary>Null where values are not rounded by what their errors cost.</summary>
    public static LayerOutputWeights? Of(IOutputGrams grams, KvCacheShape shape, int layer) =>
        RowQuantizer.Rounds(shape.Layers[layer].ValueType) ? new(grams, shape, layer) : null;

    public void Dispose()
    {
        foreach (var head in _heads) head.Dispose();
    }
}
