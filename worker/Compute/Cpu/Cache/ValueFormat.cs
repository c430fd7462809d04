using Cluster.Compute.Cpu.Attention;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>How values of one type are cached and summed; a thread's state is its workspace.</summary>
internal abstract unsafe class ValueFormat(TensorType type) : CacheFormat(type)
{
    /// <summary>
    /// For every row: output = output · Keep + Weight · Σ over the first <paramref name="count"/> tokens of
    /// <see cref="AttentionWorkspace.ValueGroups"/> of probability · value.
    /// </summary>
    public abstract void Accumulate(AttentionWorkspace workspace, int count);
}
