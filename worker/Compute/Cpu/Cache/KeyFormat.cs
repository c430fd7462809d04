using Cluster.Compute.Cpu.Attention;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>How keys of one type are written to the cache and scored. Stateless; a thread's state is its workspace.</summary>
internal abstract unsafe class KeyFormat
{
    public abstract TensorType Type { get; }

    /// <summary>Quantizes a key into slot <paramref name="slot"/> (0 to 15) of a group. Not for two slots of a group at once.</summary>
    public abstract void Write(byte* group, int slot, ReadOnlySpan<float> key);

    /// <summary>Takes row <paramref name="row"/>'s query and what its products must be multiplied with (<paramref name="scale"/> included).</summary>
    public abstract void LoadQuery(AttentionWorkspace workspace, int row, float* query, float scale);

    /// <summary>
    /// Scores of all rows against a group's sixteen keys, not yet multiplied with the row's scale, into the tile's columns from
    /// <paramref name="column"/> on.
    /// </summary>
    public abstract void Score(AttentionWorkspace workspace, byte* group, int column);
}
