using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>The range of the magnitudes of f16 values, sixteen at a time, and moving values up within what f16 holds.</summary>
internal static unsafe class HalfRange
{
    /// <summary>The least normal f16.</summary>
    private const ushort LeastNormal = 0x400;

    private const int LargestExponent = 30;

    /// <summary>A range of no values.</summary>
    public static (Vector256<ushort> Smallest, Vector256<ushort> Largest) Empty => (Vector256<ushort>.AllBitsSet, Vector256<ushort>.Zero);

    /// <summary>Takes in sixteen values. The smallest is kept less one, so that zeros do not count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Extend(ushort* values, ref Vector256<ushort> smallest, ref Vector256<ushort> largest)
    {
        var magnitudes = Vector256.Load(values) & Vector256.Create((ushort)0x7fff);
        smallest = Vector256.Min(smallest, magnitudes - Vector256<ushort>.One);
        largest = Vector256.Max(largest, magnitudes);
    }

    /// <summary>Powers of two that all values can go up, when one of them is subnormal; 0 when none is or the largest has no room.</summary>
    public static int StepsUp(Vector256<ushort> smallest, Vector256<ushort> largest)
    {
        var least = ushort.MaxValue;
        ushort most = 0;
        for (var i = 0; i < Vector256<ushort>.Count; i++)
        {
            least = Math.Min(least, smallest[i]);
            most = Math.Max(most, largest[i]);
        }

        return least + 1 >= LeastNormal ? 0 : Math.Max(0, LargestExponent - (most >> 10));
    }

    /// <summary>Multiplies sixteen values with 2^<paramref name="steps"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Raise(ushort* values, int steps)
    {
        var old = Vector256.Load(values);
        var magnitudes = old & Vector256.Create((ushort)0x7fff);
        var normal = Vector256.GreaterThanOrEqual(magnitudes, Vector256.Create(LeastNormal));
        (old + (normal & Vector256.Create((ushort)(steps << 10)))).Store(values);
        if (Vector256.EqualsAll(normal | Vector256.Equals(magnitudes, Vector256<ushort>.Zero), Vector256<ushort>.AllBitsSet)) return;

        for (var i = 0; i < Vector256<ushort>.Count; i++)
        {
            if ((values[i] & 0x7fff) < LeastNormal) values[i] = RaiseSubnormal(values[i], steps);
        }
    }

    private static ushort RaiseSubnormal(ushort half, int steps) =>
        BitConverter.HalfToUInt16Bits((Half)MathF.ScaleB((float)BitConverter.UInt16BitsToHalf(half), steps));
}
