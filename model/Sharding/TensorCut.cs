using Cluster.Model.Architecture;
using Cluster.Model.Formats;

namespace Cluster.Model.Sharding;

/// <summary>What a rank takes of one tensor for one use.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Type">Its format.</param>
/// <param name="Kind">The use.</param>
/// <param name="Rows">Rows taken. A vector, such as a norm or a bias, is one row.</param>
/// <param name="Owned">Columns, or elements of a vector, that the rank computes with.</param>
/// <param name="Kept">Columns taken: <paramref name="Owned"/> widened to whole weight blocks.</param>
public sealed record TensorCut(TensorSpec Tensor, TensorType Type, TensorCutKind Kind, IndexRange Rows, IndexRange Owned, IndexRange Kept)
{
    /// <summary>Bytes taken, in file format.</summary>
    public long ByteCount => Rows.Count * TensorTraits.Get(Type).BytesFor(Kept.Count);
}
