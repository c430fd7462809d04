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
    public static int[]? ToInt32Array(object value) => value switch
    {
        int[] v => v,
        byte[] v => Array.ConvertAll(v, e => (int)e),
        sbyte[] v => Array.ConvertAll(v, e => (int)e),
        ushort[] v => Array.ConvertAll(v, e => (int)e),
        short[] v => Array.ConvertAll(v, e => (int)e),
        uint[] v when Array.TrueForAll(v, e => e <= int.MaxValue) => Array.ConvertAll(v, e => (int)e),
        ulong[] v when Array.TrueForAll(v, e => e <= int.MaxValue) => Array.ConvertAll(v, e => (int)e),
        long[] v when Array.TrueForAll(v, e => e is >= int.MinValue and <= int.MaxValue) => Array.ConvertAll(v, e => (int)e),
        _ => null,
    };

    public static float[]? ToSingleArray(object value) => value switch
    {
        float[] v => v,
        double[] v => Array.ConvertAll(v, e => (float)e),
        _ => null,
    };
}
