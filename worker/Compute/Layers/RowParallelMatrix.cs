using Cluster.Compute.Devices;

namespace Cluster.Compute.Layers;

/// <summary>
/// A row-parallel weight: this rank's columns of a matrix whose product is summed over the tensor-parallel group. Where the cut falls
/// inside a weight block the whole block is kept, so the input is wider than what this rank owns and the rest of it stays zero.
/// </summary>
/// <param name="Weights">The kept columns.</param>
/// <param name="InputOffset">Where in the kept columns this rank's own begin.</param>
/// <param name="OwnedColumns">Columns that this rank owns.</param>
internal sealed record RowParallelMatrix(Matrix Weights, int InputOffset, int OwnedColumns)
{
    /// <summary>Width of an input row, the zero columns included.</summary>
    public int InputWidth => Weights.Columns;
}
