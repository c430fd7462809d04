using System.Collections.Immutable;
using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;

namespace Cluster.Compute.Layers;

/// <summary>What every layer of a shard works with in a step: the device, its group, its cache and the buffers that layers share.</summary>
internal sealed class LayerContext(IDevice device, ICollective collective, ImmutableArray<KvCacheShard> caches, ShardScratch scratch, float normEpsilon)
{
    public IDevice Device { get; } = device;

    /// <summary>The one that the step's sequences live in.</summary>
    public KvCacheShard Cache { get; private set; } = caches[0];

    public ShardScratch Scratch { get; } = scratch;

    public float NormEpsilon { get; } = normEpsilon;

    /// <summary>Hidden states of the step's tokens, the residual stream.</summary>
    public DeviceBuffer Hidden => Scratch.Hidden;

    /// <summary>Turns to the step's cache.</summary>
    public void UseCache(int index) => Cache = caches[index];

    /// <summary>normed = RmsNorm(hidden) · gain.</summary>
    public DeviceBuffer Normalize(DeviceBuffer gain, int tokens)
    {
        Device.RmsNorm(Hidden, gain, NormEpsilon, tokens, Scratch.Normed);
        return Scratch.Normed;
    }

    /// <summary>hidden += Σ over ranks of input · Wᵀ: the product, the all-reduce and the residual of a row-parallel matrix.</summary>
    public void ProjectAndReduce(Matrix weights, DeviceBuffer input, int tokens)
    {
        var count = tokens * weights.Rows;
        var planes = 1;
        if (collective.AddsExactly)
        {
            Device.MatMulRowParallel(weights, input, Hidden, tokens, Scratch.Partial);
            planes = weights.SumPlanes;
        }
        else
        {
            Device.MatMul([weights], input, tokens, Scratch.Partial);
        }

        if (collective.Size > 1) collective.AllReduce(Scratch.Partial, planes * count);
        Device.Add(Hidden, Scratch.Partial, planes, count);
    }
}
