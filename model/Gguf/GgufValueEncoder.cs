using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cluster.Model.Gguf;

/// <summary>Encodes metadata: the inverse of <see cref="GgufValueCodec"/>, over the same .NET types.</summary>
internal static class GgufValueEncoder
{
    public static void WriteUInt32(IBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public static void WriteUInt64(IBufferWriter<byte> output, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public static void WriteString(IBufferWriter<byte> output, string value)
    {
        WriteUInt64(output, (ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, output);
    }

    /// <summary>Writes type and value.</summary>
    /// <exception cref="ArgumentException">No metadata type stands for the value's type.</exception>
    public static void WriteTyped(IBufferWriter<byte> output, object value)
    {
        WriteUInt32(output, (uint)TypeOf(value));
        WriteValue(output, value);
    }

    private static GgufValueType TypeOf(object value) => value switch
    {
        byte => GgufValueType.UInt8,
        sbyte => GgufValueType.Int8,
        ushort => GgufValueType.UInt16,
        short => GgufValueType.Int16,
        uint => GgufValueType.UInt32,
        int => GgufValueType.Int32,
        float => GgufValueType.Float32,
        bool => GgufValueType.Bool,
        string => GgufValueType.String,
        ulong => GgufValueType.UInt64,
        long => GgufValueType.Int64,
        double => GgufValueType.Float64,
        Array or GgufStringArray => GgufValueType.Array,
        _ => throw Unsupported(value.GetType()),
    };

    private static GgufValueType ElementTypeOf(Type type) =>
        type == typeof(byte) ? GgufValueType.UInt8
        : type == typeof(sbyte) ? GgufValueType.Int8
        : type == typeof(ushort) ? GgufValueType.UInt16
        : type == typeof(short) ? GgufValueType.Int16
        : type == typeof(uint) ? GgufValueType.UInt32
        : type == typeof(int) ? GgufValueType.Int32
        : type == typeof(float) ? GgufValueType.Float32
        : type == typeof(bool) ? GgufValueType.Bool
        : type == typeof(string) ? GgufValueType.String
        : type == typeof(ulong) ? GgufValueType.UInt64
        : type == typeof(long) ? GgufValueType.Int64
        : type == typeof(double) ? GgufValueType.Float64
        : type == typeof(object) || type.IsArray || type == typeof(GgufStringArray) ? GgufValueType.Array
        : throw Unsupported(type);

    private static void WriteValue(IBufferWriter<byte> output, object value)
    {
        switch (value)
        {
            case byte v: WriteBits(output, v, 1); break;
            case sbyte v: WriteBits(output, (byte)v, 1); break;
            case ushort v: WriteBits(output, v, 2); break;
            case short v: WriteBits(output, (ushort)v, 2); break;
            case uint v: WriteBits(output, v, 4); break;
            case int v: WriteBits(output, (uint)v, 4); break;
            case float v: WriteBits(output, BitConverter.SingleToUInt32Bits(v), 4); break;
            case bool v: WriteBits(output, v ? 1UL : 0, 1); break;
            case string v: WriteString(output, v); break;
            case ulong v: WriteBits(output, v, 8); break;
            case long v: WriteBits(output, (ulong)v, 8); break;
            case double v: WriteBits(output, BitConverter.DoubleToUInt64Bits(v), 8); break;
            case GgufStringArray v: WriteStrings(output, v); break;
            case Array v: WriteArray(output, v); break;
            default: throw Unsupported(value.GetType());
        }
    }

    private static void WriteArray(IBufferWriter<byte> output, Array array)
    {
        if (array.Rank != 1)
            throw Unsupported(array.GetType());
        GgufValueType element = ElementTypeOf(array.GetType().GetElementType()!);
        WriteUInt32(output, (uint)element);
        WriteUInt64(output, (ulong)array.Length);
        foreach (object item in array)
        {
            if (element == GgufValueType.Array && item is not (Array or GgufStringArray))
                throw Unsupported(item.GetType());
            WriteValue(output, item);
        }
    }

    private static void WriteStrings(IBufferWriter<byte> output, GgufStringArray strings)
    {
        WriteUInt32(output, (uint)GgufValueType.String);
        WriteUInt64(output, (ulong)strings.Count);
        for (int i = 0; i < strings.Count; i++)
        {
            WriteUInt64(output, (ulong)strings.Utf8(i).Length);
            output.Write(strings.Utf8(i)); // raw: need not be UTF-8
        }
    }

    private static void WriteBits(IBufferWriter<byte> output, ulong bits, int bytes)
    {
        Span<byte> span = output.GetSpan(8);
        BinaryPrimitives.WriteUInt64LittleEndian(span, bits);
        output.Advance(bytes);
    }

    private static ArgumentException Unsupported(Type type) => new($"GGUF metadata cannot hold a value of type {type}");
}
