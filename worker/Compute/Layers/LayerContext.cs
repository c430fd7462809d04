using System.Collections.Immutable;
using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Layers;

/// <summary>What every layer of a shard works with in a step: the device, its group, its cache and the buffers that layers share.</summary>
internal sealed class LayerContext(IDevice device, ICollective collective, ImmutableArray<KvCacheShard> caches, ShardScratch scratch, float normEpsilon)
{
    public IDevice Device { get; } = device;

    /// <summary>The one that the step's sequences live in.</summary>
    public KvCacheShard Cache { get; private set; } = caches[0];

    public ShardScratch Scratch { get; } = scratch;

    /// <summary>Of the present step.</summary>
    public StepTimes Times { get; } = new();

    public float NormEpsilon { get; } = normEpsilon;

    /// <summary>Hidden states of the step's tokens, the residual stream.</summary>
    public DeviceBuffer Hidden => Scratch.Hidden;

    /// <summary>Turns to the step's cache.</summary>
    public void UseCache(int index) => Cache = caches[index];

    /// <summary>output = RmsNorm(hidden) · gain · Wᵀ: the norm and the column-parallel matrices that share it.</summary>
    public void NormalizeAndProject(DeviceBuffer gain, Matrix[] weights, int tokens, DeviceBuffer output)
    {
        Times.Enter(StepPart.Other);
        Device.RmsNorm(Hidden, gain, NormEpsilon, tokens, Scratch.Normed);
        Times.Enter(StepPart.ColumnProducts);
        Device.MatMul(weights, Scratch.Normed, tokens, output);
    }

    /// <summary>hidden += Σ over ranks of input · Wᵀ: the product, the all-reduce and the residual of a row-parallel matrix.</summary>
    public void ProjectAndReduce(Matrix weights, DeviceBuffer input, int tokens)
    {
        var count = tokens * weights.Rows;
        var planes = 1;
        Times.Enter(StepPart.RowProducts);
        if (collective.AddsExactly)
        {
            Device.MatMulRowParallel(weights, input, Hidden, tokens, Scratch.Partial);
            planes = weights.SumPlanes;
        }
        else
        {
            Device.MatMul([weights], input, tokens, Scratch.Partial);
        }

        if (collective.Size > 1)
        {
            if (collective.IsQueued) Times.Enter(StepPart.Exchange);
            else EnterExchange();
            collective.AllReduce(Scratch.Partial, planes * count);
        }

        Times.Enter(StepPart.Other);
        Device.Add(Hidden, Scratch.Partial, planes, count);
    }

    /// <summary>
    /// What follows sends a buffer, which waits for all that the device still has to do. Where kernels are timed, that is waited for here, so that
    /// the exchange is only what it takes itself.
    /// </summary>
    public void EnterExchange()
    {
        if (Times.HasKernels) Device.Wait();
        Times.Enter(StepPart.Exchange);
    }
}
