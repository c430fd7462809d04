using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Matrices.Isa;

/// <summary>Sixteen 32-bit lanes in four 128-bit registers, four rows each.</summary>
internal readonly struct Vector128Quad(Vector128<byte> v0, Vector128<byte> v1, Vector128<byte> v2, Vector128<byte> v3)
{
    public readonly Vector128<byte> V0 = v0;

    public readonly Vector128<byte> V1 = v1;

    public readonly Vector128<byte> V2 = v2;

    public readonly Vector128<byte> V3 = v3;
}
