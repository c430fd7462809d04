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
    public static OrderedDictionary<string, GgufTensor> Parse(ref GgufReader reader, int count, int alignment)
    {
        // Data begins behind the last description: find it first, so that each tensor is checked as it is read.
        GgufReader ahead = reader;
        for (int i = 0; i < count; i++)
            SkipDescription(ref ahead);
        long dataOffset = (ahead.Position + alignment - 1) & -alignment;

        var tensors = new OrderedDictionary<string, GgufTensor>(count);
        for (int i = 0; i < count; i++)
        {
            reader.Tensor = null;
            long at = reader.Position;
            string name = reader.ReadName("tensor name", GgufLimits.MaxTensorNameBytes);
            reader.Tensor = name;
            if (!tensors.TryAdd(name, ReadDescription(ref reader, name, alignment, dataOffset)))
                throw reader.Error("tensor name occurs twice", at);
        }
        CheckOverlaps(tensors.Values, reader.File);
        return tensors;
    }

    private static void SkipDescription(ref GgufReader reader)
    {
        reader.Tensor = null;
        reader.Tensor = reader.ReadName("tensor name", GgufLimits.MaxTensorNameBytes);
        reader.Skip(sizeof(ulong) * ReadDimensionCount(ref reader), "the dimensions");
        reader.Skip(sizeof(uint) + sizeof(ulong), "the tensor type and offset");
    }

    private static GgufTensor ReadDescription(ref GgufReader reader, string name, int alignment, long dataOffset)
    {
        ImmutableArray<long> dimensions = ReadDimensions(ref reader);
        long at = reader.Position;
        var type = (TensorType)reader.Read<uint>("tensor type");
        if (!TensorTraits.TryGet(type, out TensorTrait? trait))
            throw reader.Error(new UnsupportedTensorTypeException(type).Message, at);
        long bytes = CountBytes(trait, dimensions, ref reader, at);

        at = reader.Position;
        ulong offset = reader.Read<ulong>("tensor offset");
        if ((offset & (ulong)(alignment - 1)) != 0)
            throw reader.Error($"data offset {offset} is not a multiple of the alignment {alignment}", at);
        long available = Math.Max(0, reader.Length - dataOffset);
        if (offset > (ulong)available || bytes > available - (long)offset)
            throw reader.Error($"{bytes} bytes of data at {offset} do not fit the file's data section of {available} bytes", at);
        return new GgufTensor(name, type, dimensions, dataOffset + (long)offset, bytes);
    }

    private static int ReadDimensionCount(ref GgufReader reader)
    {
        long at = reader.Position;
        uint count = reader.Read<uint>("dimension count");
        if (count is 0 or > GgufLimits.MaxDimensions)
            throw reader.Error($"tensor has {count} dimensions (1 to {GgufLimits.MaxDimensions} are allowed)", at);
        return (int)count;
    }

    private static ImmutableArray<long> ReadDimensions(ref GgufReader reader)
    {
        int count = ReadDimensionCount(ref reader);
        var dimensions = ImmutableArray.CreateBuilder<long>(count);
        for (int i = 0; i < count; i++)
        {
            long at = reader.Position;
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

    private static void CheckOverlaps(ICollection<GgufTensor> tensors, string file)
    {
        GgufTensor[] byOffset = [.. tensors];
        Array.Sort(byOffset, static (a, b) => a.Offset.CompareTo(b.Offset));
        for (int i = 1; i < byOffset.Length; i++)
        {
            GgufTensor before = byOffset[i - 1], tensor = byOffset[i];
            if (tensor.Offset - before.Offset < before.ByteCount)
            {
                throw new GgufFormatException(
                    $"tensor data overlaps that of {GgufFormatException.Quote(before.Name)}", file, tensor.Offset, tensor.Name);
            }
        }
    }
}
