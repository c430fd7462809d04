using System.Numerics;

namespace Cluster.Model.Gguf;

/// <summary>Conversions of decoded metadata numbers to the widths that readers want; null for another kind of value.</summary>
internal static class GgufNumbers
{
    public static Int128? ToInteger(object value) => value switch
    {
        byte v => v,
        sbyte v => v,
        ushort v => v,
        short v => v,
        uint v => v,
        int v => v,
        ulong v => v,
        long v => v,
        _ => null,
    };

    public static float? ToSingle(object value) => value switch
    {
        float v => v,
        double v => (float)v,
        _ => ToInteger(value) is Int128 integer ? (float)integer : null,
    };

    /// <summary>Null also when an element does not fit.</summary>
    public static int[]? ToInt32Array(object value) => ElementCode(value) switch
    {
        // By type code: to the runtime, and so to a type pattern, an int[] is a uint[] as well.
        TypeCode.Byte => Convert((byte[])value),
        TypeCode.SByte => Convert((sbyte[])value),
        TypeCode.UInt16 => Convert((ushort[])value),
        TypeCode.Int16 => Convert((short[])value),
        TypeCode.UInt32 => Convert((uint[])value),
        TypeCode.Int32 => (int[])value,
        TypeCode.UInt64 => Convert((ulong[])value),
        TypeCode.Int64 => Convert((long[])value),
        _ => null,
    };

    public static float[]? ToSingleArray(object value) => value switch
    {
        float[] v => v,
        double[] v => Array.ConvertAll(v, e => (float)e),
        _ => null,
    };

    private static TypeCode ElementCode(object value) =>
        value is Array ? Type.GetTypeCode(value.GetType().GetElementType()) : TypeCode.Empty;

    private static int[]? Convert<T>(T[] source) where T : INumber<T>
    {
        var result = new int[source.Length];
        for (int i = 0; i < source.Length; i++)
        {
            result[i] = int.CreateSaturating(source[i]);
            if (result[i] is int.MaxValue or int.MinValue && Int128.CreateChecked(source[i]) != result[i])
                return null;
        }
        return result;
    }
}
