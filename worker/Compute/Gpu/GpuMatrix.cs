using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Gpu;

/// <summary>A matrix on a GPU: for block formats in planes (see block_codes.cuh), for plain ones in rows padded to whole eights.</summary>
internal abstract class GpuMatrix(TensorType type, int rows, int columns) : Matrix(type, rows, columns)
{
    /// <summary>Elements of a row as kernels see it.</summary>
    public int Stride { get; } = (columns + 7) / 8 * 8;

    /// <summary>Blocks of 32 in a row of a block format.</summary>
    public int RowBlocks => Columns / PlaneBytes.BlockElements;
}
