using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Logits;

/// <summary>Parts of a log-sum-exp.</summary>
internal static unsafe class LogSum
{
    /// <summary>Vectors added up in f32 before they go to f64: bounds the rounding of a long sum.</summary>
    private const int VectorsAtOnce = 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Largest(float* logits, int count)
    {
        var largest = new Vector<float>(float.NegativeInfinity);
        var i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count) largest = Vector.MaxNative(largest, Vector.Load(logits + i));
        var result = VectorMath.Largest(largest);
        for (; i < count; i++) result = MathF.Max(result, logits[i]);
        return result;
    }

    /// <summary>Σ exp((logit - largest) · inverseTemperature).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static double Exponentials(float* logits, int count, float largest, float inverseTemperature)
    {
        if (float.IsNegativeInfinity(largest)) return 0;
        var (shift, scale) = (new Vector<float>(largest), new Vector<float>(inverseTemperature * VectorMath.Log2E));
        var sum = 0d;
        var i = 0;
        while (i + Vector<float>.Count <= count)
        {
            var end = (int)Math.Min(count - Vector<float>.Count, i + (VectorsAtOnce - 1L) * Vector<float>.Count);
            var part = Vector<float>.Zero;
            for (; i <= end; i += Vector<float>.Count) part += VectorMath.Exp2((Vector.Load(logits + i) - shift) * scale);
            sum += Vector.Sum(part);
        }

        for (; i < count; i++) sum += VectorMath.Exp2((new Vector<float>(logits[i]) - shift) * scale)[0];
        return sum;
    }
}
