using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;

namespace Cluster.Compute.Layers;

/// <summary>What every layer of a shard works with in a step: the device, its group, its cache and the buffers that layers share.</summary>
internal sealed class LayerContext(IDevice device, ICollective collective, KvCacheShard cache, ShardScratch scratch, float normEpsilon)
{
    public IDevice Device { get; } = device;

    public KvCacheShard Cache { get; } = cache;

    public ShardScratch Scratch { get; } = scratch;

    public float NormEpsilon { get; } = normEpsilon;

    /// <summary>Hidden states of the step's tokens, the residual stream.</summary>
    public DeviceBuffer Hidden => Scratch.Hidden;

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
        Device.MatMulRowParallel(weights, input, Hidden, tokens, Scratch.Partial);
        if (collective.Size > 1) collective.AllReduce(Scratch.Partial, count);
        Device.Add(Hidden, Scratch.Partial, count);
    }
}
