using Cluster.Compute.Cpu.Attention;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>How keys of one type are cached and scored; a thread's state is its workspace.</summary>
internal abstract unsafe class KeyFormat(TensorType type) : CacheFormat(type)
{
    /// <summary>Takes row <paramref name="row"/>'s query and what its products must be multiplied with (<paramref name="scale"/> included).</summary>
    public abstract void LoadQuery(AttentionWorkspace workspace, int row, float* query, float scale);

    /// <summary>
    /// Scores of all rows against a group's sixteen keys, not yet multiplied with the row's scale, into the tile's columns from
    /// <paramref name="column"/> on.
    /// </summary>
    public abstract void Score(AttentionWorkspace workspace, byte* group, int column);
}
