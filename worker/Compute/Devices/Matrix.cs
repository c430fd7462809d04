using Cluster.Model.Formats;

namespace Cluster.Compute.Devices;

/// <summary>A weight matrix in a device's own layout: <see cref="Rows"/> outputs of <see cref="Columns"/> inputs each.</summary>
public abstract class Matrix(TensorType type, int rows, int columns) : IDisposable
{
    /// <summary>The format that the model file holds it in.</summary>
    public TensorType Type { get; } = type;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>
    /// Planes of sums that <see cref="IDevice.MatMulRowParallel"/> gives: one, or two where sums are rounded so that they do not depend on
    /// how columns were cut, and what rounding took off is kept apart. Quantized weights make more noise than rounding does; plain ones are to
    /// lose nothing by it. On all devices alike, as their ranks sum with each other.
    /// </summary>
    public int SumPlanes { get; } = TensorTraits.Get(type).IsQuantized ? 1 : 2;

    /// <summary>Bytes that it takes on the device, padding and bias included.</summary>
    public abstract long Bytes { get; }

    public abstract void Dispose();
}
