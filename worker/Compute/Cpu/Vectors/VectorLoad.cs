using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>Loads of narrow elements, widened to a whole vector, in one instruction where the processor has it.</summary>
internal static unsafe class VectorLoad
{
    /// <summary>2^112: moves the exponent of an f16, read in place of an f32's, where it belongs.</summary>
    private const float HalfExponentShift = 5.192296858534828e33f;

    /// <summary>Signed bytes as 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<short> WidenSigned(sbyte* source)
    {
        if (Avx512BW.IsSupported && Vector<short>.Count == 32) return Avx512BW.ConvertToVector512Int16(Vector256.Load(source)).AsVector();
        if (Avx2.IsSupported && Vector<short>.Count == 16) return Avx2.ConvertToVector256Int16(source).AsVector();
        return Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(source)).AsSByte()).AsVector();
    }

    /// <summary>Unsigned bytes as 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<short> WidenUnsigned(byte* source)
    {
        if (Avx512BW.IsSupported && Vector<short>.Count == 32) return Avx512BW.ConvertToVector512Int16(Vector256.Load(source)).AsVector();
        if (Avx2.IsSupported && Vector<short>.Count == 16) return Avx2.ConvertToVector256Int16(source).AsVector();
        return Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(source)).AsByte()).AsInt16().AsVector();
    }

    /// <summary>IEEE 754 half precision as f32; exact for every finite value (infinities and NaNs read as values beyond 65504).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> WidenHalf(ushort* source)
    {
        // The sign fills the upper half, exponent and mantissa go 13 bits up to where f32 has them, and what is left of the copies of
        // the sign is masked off. One multiplication then rebases the exponent, subnormal values included.
        var bits = Vector.ShiftLeft(WidenSigned((short*)source), 13) & new Vector<int>(unchecked((int)0x8fffe000));
        return Vector.AsVectorSingle(bits) * new Vector<float>(HalfExponentShift);
    }

    /// <summary>bfloat16 as f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> WidenBFloat(ushort* source) => Vector.AsVectorSingle(Vector.ShiftLeft(WidenSigned((short*)source), 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> WidenSigned(short* source)
    {
        if (Avx512F.IsSupported && Vector<int>.Count == 16) return Avx512F.ConvertToVector512Int32(Vector256.Load(source)).AsVector();
        if (Avx2.IsSupported && Vector<int>.Count == 8) return Avx2.ConvertToVector256Int32(source).AsVector();
        return Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(source)).AsInt16()).AsVector();
    }
}
