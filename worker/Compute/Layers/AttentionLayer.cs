using Cluster.Compute.Devices;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Layers;

/// <summary>
/// Attention of one layer on one rank: norm → Q, K, V of this rank's heads (column-parallel) → RoPE → append to the KV shard →
/// grouped-query attention → output projection (row-parallel) → all-reduce → residual.
/// </summary>
/// <param name="layer">Index of the layer in the shard's cache.</param>
internal sealed class AttentionLayer(
    int layer, AttentionShape shape, DeviceBuffer normGain, Matrix[] queryKeyValue, RowParallelMatrix output) : IDisposable
{
    public int SumPlanes => output.Weights.SumPlanes;

    public void Forward(LayerContext context, int tokens)
    {
        var device = context.Device;
        var qkv = context.Scratch.Qkv;
        var heads = context.Scratch.InputOf(output);
        context.NormalizeAndProject(normGain, queryKeyValue, tokens, qkv);
        context.Times.Enter(StepPart.Attention);
        device.RotateAndAppend(qkv, shape, context.Cache, layer);
        device.Attention(qkv, shape, context.Cache, layer, heads.Buffer, heads.Width, heads.Offset);
        context.ProjectAndReduce(output.Weights, heads.Buffer, tokens);
    }

    /// <summary>Has the buffers that this layer needs made before the first step.</summary>
    public void Reserve(ShardScratch scratch) => scratch.InputOf(output);

    public void Dispose()
    {
        normGain.Dispose();
        foreach (var matrix in queryKeyValue) matrix.Dispose();
        output.Weights.Dispose();
    }
}
