using System.Collections.Immutable;
using Cluster.Model.Formats;

namespace Cluster.Model.Gguf;

/// <summary>Reads the tensor descriptions and checks that their data lies in the file, aligned and without overlaps.</summary>
internal static class GgufTensorParser
{
    /// <summary>The smallest description: a one-byte name with its length, dimension count, one dimension, type, offset.</summary>
    public const int MinimumBytes = 8 + 1 + 4 + 8 + 4 + 8;

    /// <param name="reader">Positioned at the first description.</param>
    /// <param name="count">Descriptions to read.</param>
    /// <param name="alignment">Alignment of data, a power of two.</param>
    /// <param name="dataOffset">Absolute offset of the data section.</param>
    public static GgufTensor[] Parse(ref GgufReader reader, int count, int alignment, out long dataOffset)
    {
        // The list grows as descriptions are really found, whatever the count says.
        var tensors = new List<GgufTensor>();
        var names = new HashSet<string>();
        for (int i = 0; i < count; i++)
            tensors.Add(ReadDescription(ref reader, names, alignment));

        dataOffset = (reader.Position + alignment - 1) & -alignment;
        var placed = new GgufTensor[tensors.Count];
        for (int i = 0; i < placed.Length; i++)
            placed[i] = Place(tensors[i], dataOffset, ref reader);
        CheckOverlaps(placed, ref reader);
        return placed;
    }

    // Leaves the offset relative to the data section, which begins where the descriptions end.
    private static GgufTensor ReadDescription(ref GgufReader reader, HashSet<string> names, int alignment)
    {
        reader.Tensor = null;
        long at = reader.Position;
        string name = reader.ReadName("tensor name", GgufLimits.MaxTensorNameBytes);
        reader.Tensor = name;
        if (!names.Add(name))
            throw reader.Error("tensor name occurs twice", at);
        ImmutableArray<long> dimensions = ReadDimensions(ref reader);

        at = reader.Position;
        var type = (TensorType)reader.Read<uint>("tensor type");
        if (!TensorTraits.TryGet(type, out TensorTrait? trait))
            throw reader.Error(new UnsupportedTensorTypeException(type).Message, at);
        long bytes = CountBytes(trait, dimensions, ref reader, at);

        at = reader.Position;
        ulong offset = reader.Read<ulong>("tensor offset");
        if ((offset & (ulong)(alignment - 1)) != 0)
            throw reader.Error($"data offset {offset} is not a multiple of the alignment {alignment}", at);
        if (offset > (ulong)reader.Remaining || bytes > reader.Remaining - (long)offset)
            throw reader.Error(
                $"data is out of the file: offset {offset} and {bytes} bytes, but only {reader.Remaining} bytes of data remain", at);
        return new GgufTensor(name, type, dimensions, (long)offset, bytes);
    }

    private static ImmutableArray<long> ReadDimensions(ref GgufReader reader)
    {
        long at = reader.Position;
        uint count = reader.Read<uint>("dimension count");
        if (count is 0 or > GgufLimits.MaxDimensions)
            throw reader.Error($"tensor has {count} dimensions (1 to {GgufLimits.MaxDimensions} are allowed)", at);
        var dimensions = ImmutableArray.CreateBuilder<long>((int)count);
        for (int i = 0; i < count; i++)
        {
            at = reader.Position;
            ulong size = reader.Read<ulong>("a dimension");
            if (size is 0 or > long.MaxValue)
                throw reader.Error($"dimension {i} is {size}", at);
            dimensions.Add((long)size);
        }
        return dimensions.MoveToImmutable();
    }

    private static long CountBytes(TensorTrait trait, ImmutableArray<long> dimensions, ref GgufReader reader, long at)
    {
        if (dimensions[0] % trait.BlockSize != 0)
            throw reader.Error($"row of {dimensions[0]} elements is not a whole number of {trait.Name} blocks of {trait.BlockSize}", at);
        UInt128 elements = 1;
        foreach (long dimension in dimensions)
        {
            elements *= (ulong)dimension; // at most 2^126: the product before is below 2^63
            if (elements > long.MaxValue)
                throw reader.Error($"shape {GgufTensor.DescribeShape(dimensions.AsSpan())} has too many elements", at);
        }
        UInt128 bytes = elements / (uint)trait.BlockSize * (uint)trait.BlockBytes;
        if (bytes > long.MaxValue)
            throw reader.Error($"shape {GgufTensor.DescribeShape(dimensions.AsSpan())} has too many bytes", at);
        return (long)bytes;
    }

    private static GgufTensor Place(GgufTensor tensor, long dataOffset, ref GgufReader reader)
    {
        long available = reader.Length - dataOffset;
        if (tensor.Offset > available || tensor.ByteCount > available - tensor.Offset)
        {
            throw new GgufFormatException(
                $"file is truncated: tensor data ends at {dataOffset + tensor.Offset + tensor.ByteCount}, the file at {reader.Length}",
                reader.File, dataOffset + tensor.Offset, tensor.Name);
        }
        return tensor with { Offset = dataOffset + tensor.Offset };
    }

    private static void CheckOverlaps(GgufTensor[] tensors, ref GgufReader reader)
    {
        GgufTensor[] byOffset = [.. tensors];
        Array.Sort(byOffset, static (a, b) => a.Offset.CompareTo(b.Offset));
        for (int i = 1; i < byOffset.Length; i++)
        {
            GgufTensor before = byOffset[i - 1], tensor = byOffset[i];
            if (tensor.Offset - before.Offset < before.ByteCount)
            {
                throw new GgufFormatException(
                    $"tensor data overlaps that of {GgufFormatException.Quote(before.Name)}", reader.File, tensor.Offset, tensor.Name);
            }
        }
    }
}
