using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>A matrix of a block format as kernels take it: MatrixPlanes in block.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BlockPlanes(CudaMatrix matrix, int firstOutput)
{
    private readonly ulong _codes = matrix.Codes;
    private readonly ulong _high = matrix.High;
    private readonly ulong _scales = matrix.Scales;
    private readonly ulong _superScales = matrix.SuperScales;
    private readonly ulong _bias = matrix.Bias;
    private readonly int _rows = matrix.Rows;
    private readonly int _firstOutput = firstOutput;
}
