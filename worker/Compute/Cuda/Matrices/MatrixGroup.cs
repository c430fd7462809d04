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

    public void Add(TPlanes planes) => _matrices[_count++] = planes;

    [InlineArray(Capacity)]
    private struct Planes
    {
        private TPlanes _first;
    }
}
