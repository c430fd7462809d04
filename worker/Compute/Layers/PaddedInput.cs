using Cluster.Compute.Devices;

namespace Cluster.Compute.Layers;

/// <summary>Input rows of a row-parallel product: written from <paramref name="Offset"/> on, zero elsewhere, shared by all layers cut alike.</summary>
/// <param name="Buffer">A row of <paramref name="Width"/> elements for each token of the largest step.</param>
/// <param name="Width">Columns that the weights keep.</param>
/// <param name="Offset">First column that this rank owns.</param>
/// <param name="OwnedColumns">Columns that this rank owns and writes.</param>
internal sealed record PaddedInput(DeviceBuffer Buffer, int Width, int Offset, int OwnedColumns)
{
    public bool Fits(RowParallelMatrix matrix) =>
        Width == matrix.InputWidth && Offset == matrix.InputOffset && OwnedColumns == matrix.OwnedColumns;
}
