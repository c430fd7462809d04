using Cluster.Compute.Cpu.Attention;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>How values of one type are written to the cache and summed. Stateless; a thread's state is its workspace.</summary>
internal abstract unsafe class ValueFormat
{
    public abstract TensorType Type { get; }

    /// <summary>Quantizes a value into slot <paramref name="slot"/> (0 to 15) of a group.</summary>
    public abstract void Write(byte* group, int slot, ReadOnlySpan<float> value);

    /// <summary>Decodes the values of a group to place <paramref name="index"/> of the tile.</summary>
    public abstract void Unpack(AttentionWorkspace workspace, byte* group, int index);

    /// <summary>
    /// For every row: output = output · Keep + Weight · Σ over the tile's first <paramref name="count"/> tokens of probability · value.
    /// </summary>
    public abstract void Accumulate(AttentionWorkspace workspace, int count);
}
