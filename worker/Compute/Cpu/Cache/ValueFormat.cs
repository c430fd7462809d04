using Cluster.Compute.Cpu.Attention;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>How values of one type are written to the cache and summed. Stateless; a thread's state is its workspace.</summary>
internal abstract unsafe class ValueFormat
{
    public abstract TensorType Type { get; }

    /// <summary>Quantizes a value into slot <paramref name="slot"/> (0 to 15) of a group. Not for two slots of a group at once.</summary>
    public abstract void Write(byte* group, int slot, ReadOnlySpan<float> value);

    /// <summary>
    /// For every row: output = output · Keep + Weight · Σ over the first <paramref name="count"/> tokens of
    /// <see cref="AttentionWorkspace.ValueGroups"/> of probability · value.
    /// </summary>
    public abstract void Accumulate(AttentionWorkspace workspace, int count);
}
