using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Cpu.Logits;

/// <summary>
/// How far one row of logits is from another, in f64: caches that lose almost nothing differ by less than what f32 sums of a whole
/// vocabulary round off.
/// </summary>
internal static unsafe class LogitsComparison
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static LogitsDivergence Compare(float* logits, float* baseline, int count)
    {
        double largest = FiniteLargest(logits, count), baselineLargest = FiniteLargest(baseline, count);
        var (shift, baselineShift) = (new Vector<double>(largest), new Vector<double>(baselineLargest));
        Vector<double> sum = default, baselineSum = default, differences = default;
        var i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count)
        {
            var (values, baselineValues) = (Vector.Load(logits + i), Vector.Load(baseline + i));
            var (low, high) = (Vector.WidenLower(values), Vector.WidenUpper(values));
            var (baselineLow, baselineHigh) = (Vector.WidenLower(baselineValues), Vector.WidenUpper(baselineValues));
            sum += Vector.Exp(low - shift) + Vector.Exp(high - shift);
            var (weightLow, weightHigh) = (Vector.Exp(baselineLow - baselineShift), Vector.Exp(baselineHigh - baselineShift));
            baselineSum += weightLow + weightHigh;
            differences += Weighted(weightLow, baselineLow - low) + Weighted(weightHigh, baselineHigh - high);
        }

        var (total, baselineTotal, difference) = (Vector.Sum(sum), Vector.Sum(baselineSum), Vector.Sum(differences));
        for (; i < count; i++)
        {
            var weight = Math.Exp(baseline[i] - baselineLargest);
            total += Math.Exp(logits[i] - largest);
            baselineTotal += weight;
            if (weight != 0) difference += weight * ((double)baseline[i] - logits[i]);
        }

        return new(baselineLargest + Math.Log(baselineTotal), largest + Math.Log(total), baselineTotal == 0 ? 0 : difference / baselineTotal);
    }

    /// <summary>What is taken off before the exponential; any number will do where there is nothing but -∞.</summary>
    private static double FiniteLargest(float* logits, int count) => LogSum.Largest(logits, count) is var largest && float.IsNegativeInfinity(largest) ? 0 : largest;

    /// <summary>What has no weight has no part, even where it is infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Weighted(Vector<double> weight, Vector<double> difference) =>
        Vector.ConditionalSelect(Vector.Equals(weight, Vector<double>.Zero), Vector<double>.Zero, weight * difference);
}
