using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>value = d · q + m, that is d · (q - 16) + (m + 16 d)</summary>
internal readonly unsafe struct Q5_1Format<TIsa, TVector> : IBlockFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int BlockBytes => Q5_1Packer.Size;

    public static int HeaderBlocks => 1;

    public static int HeaderBytes => 0;

    public static float ResultFactor => ResultFactors.Scaled;

    public static LevelKind Levels => LevelKind.FiveBit;

    public static OffsetKind Offset => OffsetKind.Minimum;

    public static TVector Table => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HeaderScale(byte* header) => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HeaderMinimum(byte* header) => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale(byte* block, TVector headerScale) => TIsa.LoadHalfScaled(block, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Minimum(byte* block, TVector headerMinimum, TVector scale) =>
        TIsa.AddFloat(
            TIsa.Multiply(TIsa.LoadHalfScaled(block, Q5_1Packer.Minimums), TIsa.BroadcastFloat(-0.125f)),
            TIsa.Multiply(scale, TIsa.BroadcastFloat(-2f)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HalfScale(byte* block, int half) => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, int quarter, TVector table, out TVector first, out TVector second)
    {
        LevelBits<TIsa, TVector>.FiveBits(block, Q5_1Packer.Nibbles, Q5_1Packer.Plane, quarter, out first, out second);
    }
}
