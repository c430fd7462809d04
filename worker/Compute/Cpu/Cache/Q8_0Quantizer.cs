using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Rounds rows to Q8_0 blocks, bit for bit as the reference codec does.</summary>
internal static unsafe class Q8_0Quantizer
{
    private const int BlockBytes = sizeof(ushort) + ICodeFormat.BlockSize;
    private const float LargestCode = 127;

    /// <summary>The float below 1/2: added before truncation, it rounds halves away from zero and nothing else up.</summary>
    private const float AlmostHalf = 0.49999997f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> row, Span<byte> blocks)
    {
        fixed (float* elements = row)
        fixed (byte* target = blocks)
        {
            for (var i = 0; i < row.Length / ICodeFormat.BlockSize; i++)
                QuantizeBlock(elements + i * ICodeFormat.BlockSize, target + i * BlockBytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuantizeBlock(float* elements, byte* block)
    {
        var (a, b) = (Vector256.Load(elements), Vector256.Load(elements + 8));
        var (c, d) = (Vector256.Load(elements + 16), Vector256.Load(elements + 24));
        var largest = Vector256.MaxNative(
            Vector256.MaxNative(Vector256.Abs(a), Vector256.Abs(b)), Vector256.MaxNative(Vector256.Abs(c), Vector256.Abs(d)));
        var scale = Vectors.VectorMath.Largest(largest) / LargestCode;
        var inverse = Vector256.Create(scale != 0 ? 1 / scale : 0);
        MemoryMarshal.Write(new Span<byte>(block, sizeof(ushort)), (Half)scale);
        var low = Vector256.Narrow(Round(a * inverse), Round(b * inverse));
        var high = Vector256.Narrow(Round(c * inverse), Round(d * inverse));
        Vector256.Narrow(low, high).AsByte().Store(block + sizeof(ushort));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<float> values) =>
        Vector256.ConvertToInt32(values + Vector256.CopySign(Vector256.Create(AlmostHalf), values));
}
