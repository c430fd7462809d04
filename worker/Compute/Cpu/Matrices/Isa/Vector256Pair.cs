using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Matrices.Isa;

/// <summary>Sixteen 32-bit lanes in two 256-bit registers, rows 0–7 and 8–15.</summary>
internal readonly struct Vector256Pair(Vector256<byte> low, Vector256<byte> high)
{
    public readonly Vector256<byte> Low = low;

    public readonly Vector256<byte> High = high;
}
