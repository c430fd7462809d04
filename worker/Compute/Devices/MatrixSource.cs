using Cluster.Model.Formats;

namespace Cluster.Compute.Devices;

/// <summary>
/// Where a matrix comes from: rows [<see cref="RowStart"/>, + <see cref="Rows"/>) and columns [<see cref="ColumnStart"/>, +
/// <see cref="Columns"/>) of a tensor whose rows are <see cref="SourceColumns"/> wide. Column bounds are multiples of the format's
/// block size. Bytes are in file format, read through <see cref="Reader"/>.
/// </summary>
public sealed record MatrixSource
{
    /// <summary>The tensor's name, for errors.</summary>
    public required string Name { get; init; }

    public required TensorType Type { get; init; }

    public required int SourceColumns { get; init; }

    public required int RowStart { get; init; }

    public required int Rows { get; init; }

    public required int ColumnStart { get; init; }

    public required int Columns { get; init; }

    public required IWeightReader Reader { get; init; }

    /// <summary>Added to the product, one value a row; empty for none.</summary>
    public ReadOnlyMemory<float> Bias { get; init; }
}
