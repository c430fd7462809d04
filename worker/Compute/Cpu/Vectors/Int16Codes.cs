using System.Numerics;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>f32 values as int16 codes with one common scale.</summary>
internal static unsafe class Int16Codes
{
    /// <summary>The code of the largest magnitude.</summary>
    public const float Range = short.MaxValue;

    public static float LargestMagnitude(float* values, int count)
    {
        var largest = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count) largest = Vector.MaxNative(largest, Vector.Abs(Vector.Load(values + i)));
        var result = 0f;
        for (var lane = 0; lane < Vector<float>.Count; lane++) result = MathF.Max(result, largest[lane]);
        for (; i < count; i++) result = MathF.Max(result, MathF.Abs(values[i]));
        return result;
    }

    /// <summary>codes[i] = values[i] · Range / largest, rounded; 0 when largest is 0.</summary>
    public static void Quantize(float* values, float largest, short* codes, int count)
    {
        var scale = largest > 0 ? Range / largest : 0;
        var i = 0;
        for (; i + Vector<short>.Count <= count; i += Vector<short>.Count)
        {
            Vector.Narrow(Round(Vector.Load(values + i), scale), Round(Vector.Load(values + i + Vector<float>.Count), scale)).Store(codes + i);
        }

        for (; i < count; i++) codes[i] = (short)MathF.Round(values[i] * scale);
    }

    private static Vector<int> Round(Vector<float> values, float scale) => Vector.ConvertToInt32Native(Vector.Round(values * new Vector<float>(scale)));
}
