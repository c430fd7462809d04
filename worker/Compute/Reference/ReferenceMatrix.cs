using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Reference;

/// <summary>A matrix decoded to f32 by its format's scalar codec, row after row.</summary>
internal sealed class ReferenceMatrix : Matrix
{
    private readonly float[] _values;
    private readonly float[] _bias;

    private ReferenceMatrix(MatrixSource source)
        : base(source.Type, source.Rows, source.Columns)
    {
        _values = new float[(long)source.Rows * source.Columns];
        _bias = source.Bias.ToArray();
    }

    public override long Bytes => (long)(_values.Length + _bias.Length) * sizeof(float);

    /// <summary>Reads and decodes a matrix, a row at a time.</summary>
    public static ReferenceMatrix Load(MatrixSource source)
    {
        var trait = TensorTraits.Get(source.Type);
        var matrix = new ReferenceMatrix(source);
        var row = new byte[trait.BytesFor(source.Columns)];
        for (var r = 0; r < source.Rows; r++)
        {
            var offset = (source.RowStart + r) * trait.BytesFor(source.SourceColumns) + trait.BytesFor(source.ColumnStart);
            source.Reader.Read(offset, row);
            trait.Dequantize(row, matrix._values.AsSpan(r * source.Columns, source.Columns));
        }

        return matrix;
    }

    /// <summary>The <see cref="Matrix.Columns"/> weights of row <paramref name="row"/>.</summary>
    public ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Columns, Columns);

    /// <summary>The bias of row <paramref name="row"/>, zero without one.</summary>
    public float Bias(int row) => _bias.Length == 0 ? 0 : _bias[row];

    public override void Dispose()
    {
    }
}
