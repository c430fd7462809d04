using Cluster.Model.Formats;

namespace Cluster.Compute.Devices;

/// <summary>A weight matrix in a device's own layout: <see cref="Rows"/> outputs of <see cref="Columns"/> inputs each.</summary>
public abstract class Matrix(TensorType type, int rows, int columns) : IDisposable
{
    /// <summary>The format that the model file holds it in.</summary>
    public TensorType Type { get; } = type;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>Bytes that it takes on the device, padding and bias included.</summary>
    public abstract long Bytes { get; }

    public abstract void Dispose();
}
