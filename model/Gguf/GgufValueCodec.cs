using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Cluster.Model.Gguf;

/// <summary>Decodes metadata values from a section that has been checked. Offsets are relative to the section.</summary>
internal static class GgufValueCodec
{
    /// <summary>Array header: element type and count.</summary>
    public const int ArrayHeaderBytes = 4 + 8;

    /// <summary>Bytes of a scalar; 0 for strings and arrays.</summary>
    public static int ScalarBytes(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };

    /// <summary>The fewest bytes that a value of this type takes.</summary>
    public static int MinimumBytes(GgufValueType type) => type switch
    {
        GgufValueType.String => 8,
        GgufValueType.Array => ArrayHeaderBytes,
        _ => ScalarBytes(type),
    };

    /// <summary>Decodes one value and moves <paramref name="offset"/> behind it.</summary>
    public static object Decode(byte[] section, GgufValueType type, ref int offset)
    {
        if (type == GgufValueType.String)
            return GgufStringArray.DecodeOne(section, ref offset);
        if (type == GgufValueType.Array)
            return DecodeArray(section, ref offset);
        ReadOnlySpan<byte> at = section.AsSpan(offset);
        offset += ScalarBytes(type);
        return type switch
        {
            GgufValueType.UInt8 => at[0],
            GgufValueType.Int8 => (sbyte)at[0],
            GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
            GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
            GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
            GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(at),
            GgufValueType.Bool => at[0] != 0,
            GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(at),
            GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
            GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(at),
            _ => throw new InvalidOperationException($"metadata type {type} passed the parser"),
        };
    }

    public static (GgufValueType Element, int Count) ArrayHeader(byte[] section, int offset) => (
        (GgufValueType)BinaryPrimitives.ReadUInt32LittleEndian(section.AsSpan(offset)),
        (int)BinaryPrimitives.ReadUInt64LittleEndian(section.AsSpan(offset + 4)));

    private static object DecodeArray(byte[] section, ref int offset)
    {
        (GgufValueType element, int count) = ArrayHeader(section, offset);
        offset += ArrayHeaderBytes;
        switch (element)
        {
            case GgufValueType.String:
                var strings = new GgufStringArray(section, offset, count);
                offset = strings.EndOffset;
                return strings;
            case GgufValueType.Array:
                var arrays = new object[count];
                for (int i = 0; i < count; i++)
                    arrays[i] = DecodeArray(section, ref offset);
                return arrays;
            default:
                ReadOnlySpan<byte> bytes = section.AsSpan(offset, count * ScalarBytes(element));
                offset += bytes.Length;
                return DecodeScalars(element, bytes);
        }
    }

    private static Array DecodeScalars(GgufValueType element, ReadOnlySpan<byte> bytes) => element switch
    {
        GgufValueType.UInt8 => bytes.ToArray(),
        GgufValueType.Int8 => MemoryMarshal.Cast<byte, sbyte>(bytes).ToArray(),
        GgufValueType.UInt16 => MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(),
        GgufValueType.Int16 => MemoryMarshal.Cast<byte, short>(bytes).ToArray(),
        GgufValueType.UInt32 => MemoryMarshal.Cast<byte, uint>(bytes).ToArray(),
        GgufValueType.Int32 => MemoryMarshal.Cast<byte, int>(bytes).ToArray(),
        GgufValueType.Float32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        GgufValueType.Bool => MemoryMarshal.Cast<byte, bool>(bytes).ToArray(), // each byte has been checked to be 0 or 1
        GgufValueType.UInt64 => MemoryMarshal.Cast<byte, ulong>(bytes).ToArray(),
        GgufValueType.Int64 => MemoryMarshal.Cast<byte, long>(bytes).ToArray(),
        GgufValueType.Float64 => MemoryMarshal.Cast<byte, double>(bytes).ToArray(),
        _ => throw new InvalidOperationException($"metadata type {element} passed the parser"),
    };
}
