using Cluster.Model.Formats;

namespace Cluster.Compute.Devices;

/// <summary>How every device loads a matrix.</summary>
internal static class MatrixLoading
{
    /// <summary>Makes a matrix and fills it; one that cannot be filled is freed.</summary>
    /// <exception cref="UnsupportedTensorTypeException">There is no such format.</exception>
    /// <exception cref="ArgumentException">A cut that is not one of whole blocks, or lies outside the tensor's columns.</exception>
    public static TMatrix Load<TMatrix>(MatrixSource source, Func<TMatrix> make, Action<TMatrix> fill)
        where TMatrix : Matrix
    {
        Check(source, TensorTraits.Get(source.Type));
        var matrix = make();
        try
        {
            fill(matrix);
            return matrix;
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    private static void Check(MatrixSource source, TensorTrait trait)
    {
        if (source.Rows < 1 || source.Columns < 1 || source.RowStart < 0 || source.ColumnStart < 0
            || source.Columns > source.SourceColumns - source.ColumnStart
            || source.ColumnStart % trait.BlockSize != 0 || source.Columns % trait.BlockSize != 0
            || (source.Bias.Length != 0 && source.Bias.Length != source.Rows))
        {
            throw new ArgumentException(
                $"{source.Name}: rows {source.RowStart} + {source.Rows} and columns {source.ColumnStart} + {source.Columns} of "
                + $"{source.SourceColumns} with {source.Bias.Length} biases are no cut of a {trait.Name} tensor "
                + $"(blocks of {trait.BlockSize})",
                nameof(source));
        }
    }
}
