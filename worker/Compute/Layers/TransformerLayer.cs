namespace Cluster.Compute.Layers;

/// <summary>One layer: attention, then feed-forward. Two all-reduces and no more.</summary>
internal sealed class TransformerLayer(AttentionLayer attention, FeedForwardLayer feedForward) : IDisposable
{
    /// <summary>The larger of its row-parallel matrices' <see cref="Devices.Matrix.SumPlanes"/>.</summary>
    public int SumPlanes => Math.Max(attention.SumPlanes, feedForward.SumPlanes);

    public void Forward(LayerContext context, int tokens)
    {
        attention.Forward(context, tokens);
        feedForward.Forward(context, tokens);
    }

    /// <summary>Has the buffers that this layer needs made before the first step.</summary>
    public void Reserve(ShardScratch scratch)
    {
        attention.Reserve(scratch);
        feedForward.Reserve(scratch);
    }

    public void Dispose()
    {
        attention.Dispose();
        feedForward.Dispose();
    }
}
