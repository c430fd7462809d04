using Cluster.Compute.Devices;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Layers;

/// <summary>
/// The feed-forward half of one layer on one rank: norm → gate and up (column-parallel) → SwiGLU → down (row-parallel) → all-reduce →
/// residual.
/// </summary>
/// <param name="width">Feed-forward columns of this rank.</param>
internal sealed class FeedForwardLayer(int width, DeviceBuffer normGain, Matrix[] gateUp, RowParallelMatrix down) : IDisposable
{
    public int SumPlanes => down.Weights.SumPlanes;

    public void Forward(LayerContext context, int tokens)
    {
        var activated = context.Scratch.InputOf(down);
        context.NormalizeAndProject(normGain, gateUp, tokens, context.Scratch.GateUp);
        context.Times.Enter(StepPart.Other);
        context.Device.SwiGlu(context.Scratch.GateUp, width, tokens, activated.Buffer, activated.Width, activated.Offset);
        context.ProjectAndReduce(down.Weights, activated.Buffer, tokens);
    }

    /// <summary>Has the buffers that this layer needs made before the first step.</summary>
    public void Reserve(ShardScratch scratch) => scratch.InputOf(down);

    public void Dispose()
    {
        normGain.Dispose();
        foreach (var matrix in gateUp) matrix.Dispose();
        down.Weights.Dispose();
    }
}
