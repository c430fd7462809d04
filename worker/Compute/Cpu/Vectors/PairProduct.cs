using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>Products of 16-bit integers, added up in pairs.</summary>
internal static class PairProduct
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
}
