using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>Matrices of one launch, of one format: MatrixGroup in the kernels.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MatrixGroup<TPlanes>
    where TPlanes : unmanaged
{
    public const int Capacity = 4;

    private Planes _matrices;
    private int _count;
    private int _rows;

    public readonly int Count => _count;

    /// <summary>Rows of all matrices.</summary>
    public readonly int Rows => _rows;

    public void Add(TPlanes planes, int rows)
    {
        _matrices[_count++] = planes;
        _rows += rows;
    }

    [InlineArray(Capacity)]
    private struct Planes
    {
        private TPlanes _first;
    }
}
