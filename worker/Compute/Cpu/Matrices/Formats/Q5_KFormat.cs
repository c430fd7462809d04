using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>value = d · scale · q - dmin · minimum, that is d · scale · (q - 16) + (16 d · scale - dmin · minimum)</summary>
internal readonly unsafe struct Q5_KFormat<TIsa, TVector> : IBlockFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int BlockBytes => Q5_KPacker.Size;

    public static int HeaderBlocks => 8;

    public static int HeaderBytes => Q5_KPacker.HeaderSize;

    public static float ResultFactor => ResultFactors.Exact;

    public static LevelKind Levels => LevelKind.FiveBit;

    public static OffsetKind Offset => OffsetKind.Minimum;

    public static TVector Table => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HeaderScale(byte* header) => TIsa.LoadHalf(header, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HeaderMinimum(byte* header) =>
        TIsa.Multiply(TIsa.LoadHalf(header, Q5_KPacker.HeaderMinimums), TIsa.BroadcastFloat(0.125f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale(byte* block, TVector headerScale) => TIsa.Multiply(headerScale, TIsa.ToFloat(TIsa.LoadByte(block, 0)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Minimum(byte* block, TVector headerMinimum, TVector scale) =>
        TIsa.MultiplyAdd(
            headerMinimum, TIsa.ToFloat(TIsa.LoadByte(block, Q5_KPacker.Minimums)), TIsa.Multiply(scale, TIsa.BroadcastFloat(-2f)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HalfScale(byte* block, int half) => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, int quarter, TVector table, out TVector first, out TVector second)
    {
        LevelBits<TIsa, TVector>.FiveBits(block, Q5_KPacker.Nibbles, Q5_KPacker.Plane, quarter, out first, out second);
    }
}
