using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>f32 values as int16 codes with one common scale.</summary>
internal static unsafe class Int16Codes
{
    /// <summary>The code of the largest magnitude.</summary>
    public const float Range = short.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float LargestMagnitude(float* values, int count)
    {
        var largest = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count) largest = Vector.MaxNative(largest, Vector.Abs(Vector.Load(values + i)));
        var result = VectorMath.Largest(largest);
        for (; i < count; i++) result = MathF.Max(result, MathF.Abs(values[i]));
        return result;
    }

    /// <summary>codes[i] = values[i] · Range / largest, rounded; 0 when largest is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Quantize(float* values, float largest, short* codes, int count)
    {
        var scale = largest > 0 ? Range / largest : 0;
        var i = 0;
        for (; i + Vector<short>.Count <= count; i += Vector<short>.Count)
        {
            var low = Vector.Load(values + i) * new Vector<float>(scale);
            var high = Vector.Load(values + i + Vector<float>.Count) * new Vector<float>(scale);
            Round(low, high).Store(codes + i);
        }

        for (; i < count; i++) codes[i] = (short)MathF.Round(values[i] * scale);
    }

    public static int Sum(short* codes, int count)
    {
        var sum = 0;
        for (var i = 0; i < count; i++) sum += codes[i];
        return sum;
    }

    /// <summary>The nearest int16 of each value, those of <paramref name="low"/> first; values must be in range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<short> Round(Vector<float> low, Vector<float> high)
    {
        if (Avx2.IsSupported && Vector<float>.Count == 8)
        {
            // Packs within 128-bit halves; the permutation puts the four quarters back in order.
            var packed = Avx2.PackSignedSaturate(
                Avx.ConvertToVector256Int32(low.AsVector256()), Avx.ConvertToVector256Int32(high.AsVector256()));
            return Avx2.Permute4x64(packed.AsInt64(), 0b11_01_10_00).AsInt16().AsVector();
        }

        return Vector.Narrow(Vector.ConvertToInt32Native(Vector.Round(low)), Vector.ConvertToInt32Native(Vector.Round(high)));
    }
}
