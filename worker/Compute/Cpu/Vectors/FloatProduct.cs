using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>
/// The f32 counterpart of <see cref="PairProduct"/>: lanes of the right factor b stand side by side for each inner index, inner indices
/// <c>stride</c> elements apart; rows of the left factor a are in order. At least one index.
/// </summary>
internal static unsafe class FloatProduct
{
    /// <summary>Four rows of a at once, so that each load of b serves four and every row is added up in the same order. <paramref name="right"/> is relative to <paramref name="left"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows4(
        float* left, nint right, nint stride, float* a0, float* a1, float* a2, float* a3, nint count,
        out Vector<float> sum00, out Vector<float> sum01, out Vector<float> sum10, out Vector<float> sum11,
        out Vector<float> sum20, out Vector<float> sum21, out Vector<float> sum30, out Vector<float> sum31)
    {
        Vector<float> s00 = default, s01 = default, s10 = default, s11 = default;
        Vector<float> s20 = default, s21 = default, s30 = default, s31 = default;
        nint i = 0;
        do
        {
            var b0 = Vector.Load(left);
            var b1 = Vector.Load(left + right);
            left += stride;
            var a = new Vector<float>(a0[i]);
            s00 = Vector.MultiplyAddEstimate(b0, a, s00);
            s01 = Vector.MultiplyAddEstimate(b1, a, s01);
            a = new Vector<float>(a1[i]);
            s10 = Vector.MultiplyAddEstimate(b0, a, s10);
            s11 = Vector.MultiplyAddEstimate(b1, a, s11);
            a = new Vector<float>(a2[i]);
            s20 = Vector.MultiplyAddEstimate(b0, a, s20);
            s21 = Vector.MultiplyAddEstimate(b1, a, s21);
            a = new Vector<float>(a3[i]);
            s30 = Vector.MultiplyAddEstimate(b0, a, s30);
            s31 = Vector.MultiplyAddEstimate(b1, a, s31);
        }
        while (++i < count);

        (sum00, sum01, sum10, sum11) = (s00, s01, s10, s11);
        (sum20, sum21, sum30, sum31) = (s20, s21, s30, s31);
    }
}
