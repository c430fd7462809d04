using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Gpu;

/// <summary>A matrix on a GPU: for block formats in planes (see block_codes.cuh), for plain ones in rows padded to whole eights.</summary>
internal abstract class GpuMatrix(TensorType type, int rows, int columns) : Matrix(type, rows, columns)
{
    /// <summary>Elements of a row as kernels see it.</summary>
    public int Stride { get; } = StrideOf(columns);

    /// <summary>Bytes that a product reads of it.</summary>
    public long ReadBytes { get; } = PlaneBytes.Of(type, rows, columns, StrideOf(columns)).Total;

    /// <summary>Blocks of 32 in a row of a block format.</summary>
    public int RowBlocks => Columns / PlaneBytes.BlockElements;

    private static int StrideOf(int columns) => (columns + 7) / 8 * 8;
}
