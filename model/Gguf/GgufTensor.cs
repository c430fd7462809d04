using System.Collections.Immutable;
using Cluster.Model.Formats;

namespace Cluster.Model.Gguf;

/// <summary>
/// One tensor of a GGUF file: where it lies and what shape it has. Rows are contiguous and are a whole number of blocks.
/// </summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Type">Always one that <see cref="TensorTraits"/> supports when read from a file.</param>
/// <param name="Dimensions">One to four, in GGUF order: the fastest-moving first. All at least 1.</param>
/// <param name="Offset">Absolute byte offset in the file.</param>
/// <param name="ByteCount">Bytes of all rows, without padding.</param>
public sealed record GgufTensor(string Name, TensorType Type, ImmutableArray<long> Dimensions, long Offset, long ByteCount)
{
    /// <summary>Elements of one row (ne0).</summary>
    public long Columns => Dimensions[0];

    /// <summary>Number of rows: the product of all dimensions but the first.</summary>
    public long Rows
    {
        get
        {
            long rows = 1;
            foreach (long dimension in Dimensions.AsSpan(1, Dimensions.Length - 1))
                rows *= dimension;
            return rows;
        }
    }

    /// <summary>Bytes of one row.</summary>
    public long RowBytes => ByteCount / Rows;

    /// <summary>All elements. The reader has checked that the product fits.</summary>
    public long ElementCount => Columns * Rows;

    /// <summary>The shape as messages show it: "[512, 8192]".</summary>
    public string Shape => DescribeShape(Dimensions.AsSpan());

    internal static string DescribeShape(ReadOnlySpan<long> dimensions) => $"[{string.Join(", ", dimensions.ToArray())}]";
}
