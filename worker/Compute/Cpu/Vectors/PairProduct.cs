using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>
/// Small integer matrix products for attention. The right factor b holds, for each pair of inner indices, one pair of 16-bit integers a
/// lane, pairs <c>stride</c> elements apart; a row of the left factor a is its 16-bit integers in order, a pair read as one 32-bit
/// integer. Results are sums over the pairs in 32 bits, for two vectors of lanes at <c>left</c> and <c>right</c>.
/// </summary>
internal static unsafe class PairProduct
{
    /// <summary>Lane i: a[2i] · b[2i] + a[2i + 1] · b[2i + 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<int> MultiplyAddAdjacent(Vector<short> a, Vector<short> b)
    {
        if (Avx512BW.IsSupported && Vector<short>.Count == 32) return Avx512BW.MultiplyAddAdjacent(a.AsVector512(), b.AsVector512()).AsVector();
        if (Avx2.IsSupported && Vector<short>.Count == 16) return Avx2.MultiplyAddAdjacent(a.AsVector256(), b.AsVector256()).AsVector();
        if (Vector<short>.Count == 8)
        {
            var (x, y) = (a.AsVector128(), b.AsVector128());
            if (Sse2.IsSupported) return Sse2.MultiplyAddAdjacent(x, y).AsVector();
            if (AdvSimd.Arm64.IsSupported)
            {
                return AdvSimd.Arm64.AddPairwise(
                    AdvSimd.MultiplyWideningLower(x.GetLower(), y.GetLower()), AdvSimd.MultiplyWideningUpper(x, y)).AsVector();
            }
        }

        // Even and odd elements of each 32-bit lane, sign-extended in place.
        var (wideA, wideB) = (Vector.AsVectorInt32(a), Vector.AsVectorInt32(b));
        var even = Vector.ShiftRightArithmetic(Vector.ShiftLeft(wideA, 16), 16) * Vector.ShiftRightArithmetic(Vector.ShiftLeft(wideB, 16), 16);
        return even + Vector.ShiftRightArithmetic(wideA, 16) * Vector.ShiftRightArithmetic(wideB, 16);
    }

    /// <summary>Four rows of a at once, so that each load of b serves four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows4(
        short* left, short* right, nint stride, int* a0, int* a1, int* a2, int* a3, int pairs,
        out Vector<int> sum00, out Vector<int> sum01, out Vector<int> sum10, out Vector<int> sum11,
        out Vector<int> sum20, out Vector<int> sum21, out Vector<int> sum30, out Vector<int> sum31)
    {
        Vector<int> s00 = default, s01 = default, s10 = default, s11 = default;
        Vector<int> s20 = default, s21 = default, s30 = default, s31 = default;
        for (nint i = 0; i < pairs; i++)
        {
            var b0 = Vector.Load(left);
            var b1 = Vector.Load(right);
            left += stride;
            right += stride;
            var a = Vector.AsVectorInt16(new Vector<int>(a0[i]));
            s00 += MultiplyAddAdjacent(b0, a);
            s01 += MultiplyAddAdjacent(b1, a);
            a = Vector.AsVectorInt16(new Vector<int>(a1[i]));
            s10 += MultiplyAddAdjacent(b0, a);
            s11 += MultiplyAddAdjacent(b1, a);
            a = Vector.AsVectorInt16(new Vector<int>(a2[i]));
            s20 += MultiplyAddAdjacent(b0, a);
            s21 += MultiplyAddAdjacent(b1, a);
            a = Vector.AsVectorInt16(new Vector<int>(a3[i]));
            s30 += MultiplyAddAdjacent(b0, a);
            s31 += MultiplyAddAdjacent(b1, a);
        }

        (sum00, sum01, sum10, sum11) = (s00, s01, s10, s11);
        (sum20, sum21, sum30, sum31) = (s20, s21, s30, s31);
    }

    /// <summary>One row of a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row(short* left, short* right, nint stride, int* a, int pairs, out Vector<int> sum0, out Vector<int> sum1)
    {
        Vector<int> s0 = default, s1 = default;
        for (nint i = 0; i < pairs; i++)
        {
            var pair = Vector.AsVectorInt16(new Vector<int>(a[i]));
            s0 += MultiplyAddAdjacent(Vector.Load(left), pair);
            s1 += MultiplyAddAdjacent(Vector.Load(right), pair);
            left += stride;
            right += stride;
        }

        (sum0, sum1) = (s0, s1);
    }
}
