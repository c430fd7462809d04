using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>A matrix of a plain format as kernels take it: MatrixPlanes in element_matrix.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ElementPlanes(CudaMatrix matrix, int firstOutput)
{
    private readonly ulong _elements = matrix.Codes;
    private readonly ulong _bias = matrix.Bias;
    private readonly int _rows = matrix.Rows;
    private readonly int _firstOutput = firstOutput;
}
