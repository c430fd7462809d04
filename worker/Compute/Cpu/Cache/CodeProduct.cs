using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Small integer matrix products for attention. The right factor is runs of codes; a row of the left factor is int16 in order, a pair read
/// as one 32-bit integer. Results are sums over the pairs in 32 bits, for two vectors of lanes; bounds: 16 bits times 8 bits, up to 256
/// times.
/// </summary>
internal static unsafe class CodeProduct<TBits>
    where TBits : struct, ICodeBits
{
    /// <summary>Four rows at once, so that each decoded vector serves four; adds to the sums.</summary>
    /// <param name="runs">The first run.</param>
    /// <param name="stride">Bytes from one run to the next.</param>
    /// <param name="lane">First of the lanes.</param>
    /// <param name="count">Runs, at least one: two pairs each.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows4(
        byte* runs, nint stride, int lane, int count, int* a0, int* a1, int* a2, int* a3,
        ref Vector<int> sum00, ref Vector<int> sum01, ref Vector<int> sum10, ref Vector<int> sum11,
        ref Vector<int> sum20, ref Vector<int> sum21, ref Vector<int> sum30, ref Vector<int> sum31)
    {
        var (s00, s01, s10, s11) = (sum00, sum01, sum10, sum11);
        var (s20, s21, s30, s31) = (sum20, sum21, sum30, sum31);
        nint i = 0;
        nint pairs = 2 * count;
        do
        {
            TBits.Load(runs, LeftOf(lane), out var first0, out var second0);
            TBits.Load(runs, LeftOf(lane) + Lanes.Right, out var first1, out var second1);
            runs += stride;
            Add(first0, first1, a0[i], ref s00, ref s01);
            Add(first0, first1, a1[i], ref s10, ref s11);
            Add(first0, first1, a2[i], ref s20, ref s21);
            Add(first0, first1, a3[i], ref s30, ref s31);
            Add(second0, second1, a0[i + 1], ref s00, ref s01);
            Add(second0, second1, a1[i + 1], ref s10, ref s11);
            Add(second0, second1, a2[i + 1], ref s20, ref s21);
            Add(second0, second1, a3[i + 1], ref s30, ref s31);
            i += 2;
        }
        while (i < pairs);

        (sum00, sum01, sum10, sum11) = (s00, s01, s10, s11);
        (sum20, sum21, sum30, sum31) = (s20, s21, s30, s31);
    }

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row(byte* runs, nint stride, int lane, int count, int* a, ref Vector<int> sum0, ref Vector<int> sum1)
    {
        var (s0, s1) = (sum0, sum1);
        nint i = 0;
        nint pairs = 2 * count;
        do
        {
            TBits.Load(runs, LeftOf(lane), out var first0, out var second0);
            TBits.Load(runs, LeftOf(lane) + Lanes.Right, out var first1, out var second1);
            runs += stride;
            Add(first0, first1, a[i], ref s0, ref s1);
            Add(second0, second1, a[i + 1], ref s0, ref s1);
            i += 2;
        }
        while (i < pairs);

        (sum0, sum1) = (s0, s1);
    }

    /// <summary>The lane itself; a constant where a step is all of a run's lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LeftOf(int lane) => Lanes.Step == Lanes.Unit ? 0 : lane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector<short> left, Vector<short> right, int pair, ref Vector<int> leftSum, ref Vector<int> rightSum)
    {
        var a = Vector.AsVectorInt16(new Vector<int>(pair));
        leftSum += PairProduct.MultiplyAddAdjacent(left, a);
        rightSum += PairProduct.MultiplyAddAdjacent(right, a);
    }
}
