using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>value = d · scale · (q - 32), a scale for each 16 columns</summary>
internal readonly unsafe struct Q6_KFormat<TIsa, TVector> : IBlockFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int BlockBytes => Q6_KPacker.Size;

    public static int HeaderBlocks => 8;

    public static int HeaderBytes => Q6_KPacker.HeaderSize;

    public static float ResultFactor => ResultFactors.Exact;

    public static LevelKind Levels => LevelKind.SixBit;

    public static OffsetKind Offset => OffsetKind.None;

    public static TVector Table => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HeaderScale(byte* header) => TIsa.LoadHalf(header, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HeaderMinimum(byte* header) => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale(byte* block, TVector headerScale) => headerScale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Minimum(byte* block, TVector headerMinimum, TVector scale) =>
        TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HalfScale(byte* block, int half) => TIsa.ToLevelScale(TIsa.LoadSByte(block, half * Q6_KPacker.SecondScales));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, int quarter, TVector table, out TVector first, out TVector second)
    {
        LevelBits<TIsa, TVector>.SixBits(block, Q6_KPacker.Nibbles, Q6_KPacker.Planes, quarter, out first, out second);
    }
}
