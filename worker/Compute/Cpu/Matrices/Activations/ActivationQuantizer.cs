using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Matrices.Activations;

/// <summary>Quantizes f32 activations to int8 in blocks of 32 with an f32 scale, rounding to nearest even; codes are -127 to 127.</summary>
internal static unsafe class ActivationQuantizer
{
    /// <summary>
    /// Writes token <paramref name="lane"/> of <paramref name="lanes"/> to the records of a row; <paramref name="columns"/> is a multiple
    /// of 32.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Quantize(float* input, int columns, byte* record, int lane, int lanes)
    {
        for (var c = 0; c < columns; c += ActivationRecord.Columns, record += ActivationRecord.BytesPerToken * lanes)
        {
            QuantizeBlock(input + c, record, lane, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuantizeBlock(float* input, byte* record, int lane, int lanes)
    {
        var x0 = Vector256.Load(input);
        var x1 = Vector256.Load(input + 8);
        var x2 = Vector256.Load(input + 16);
        var x3 = Vector256.Load(input + 24);
        var magnitudes = Vector256.Max(
            Vector256.Max(Vector256.Abs(x0), Vector256.Abs(x1)), Vector256.Max(Vector256.Abs(x2), Vector256.Abs(x3)));
        var largest = Largest(magnitudes);
        var inverse = Vector256.Create(largest > 0 ? 127f / largest : 0);

        var q0 = Round(x0 * inverse);
        var q1 = Round(x1 * inverse);
        var q2 = Round(x2 * inverse);
        var q3 = Round(x3 * inverse);
        var codes = Vector256.Narrow(Vector256.Narrow(q0, q1), Vector256.Narrow(q2, q3)).AsInt32();
        var groups = (int*)record + lane;
        for (var g = 0; g < 8; g++) groups[g * lanes] = codes.GetElement(g);

        var first = q0 + q1;
        var second = q2 + q3;
        var scale = largest / 127 * ActivationRecord.Factor;
        *(float*)(record + ActivationRecord.Scale * lanes + 4 * lane) = scale;
        *(float*)(record + ActivationRecord.Centre * lanes + 4 * lane) = SumGrid.NeverHalfway(-8 * scale * Vector256.Sum(first + second));
        *(int*)(record + ActivationRecord.Start * lanes + 4 * lane) = PairSums(first + second, -16);
        *(int*)(record + ActivationRecord.FirstStart * lanes + 4 * lane) = PairSums(first, -32);
        *(int*)(record + ActivationRecord.SecondStart * lanes + 4 * lane) = PairSums(second, -32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector256<float> values)
    {
        var four = Vector128.Max(values.GetLower(), values.GetUpper());
        var two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(two.GetElement(0), two.GetElement(1));
    }

    /// <summary>Nearest even, for magnitudes far below 2^22: adding 1.5 · 2^23 leaves the integer in the low bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<float> values) =>
        (values + Vector256.Create(12582912f)).AsInt32() - Vector256.Create(0x4b400000);

    /// <summary>The sums of the codes at places 0 and 1 and at 2 and 3 of each four, times a factor, as two int16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PairSums(Vector256<int> codes, int factor)
    {
        var four = codes.GetLower() + codes.GetUpper();
        var low = factor * (four.GetElement(0) + four.GetElement(1));
        var high = factor * (four.GetElement(2) + four.GetElement(3));
        return (low & 0xffff) | (high << 16);
    }
}
