using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>value = d · table[q]</summary>
internal readonly unsafe struct IQ4_NLFormat<TIsa, TVector> : IBlockFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int BlockBytes => Q4_0Packer.Size;

    public static int HeaderBlocks => 1;

    public static int HeaderBytes => 0;

    public static float ResultFactor => ResultFactors.Scaled;

    public static LevelKind Levels => LevelKind.Signed;

    public static OffsetKind Offset => OffsetKind.None;

    public static TVector Table
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TIsa.LoadTable((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(IQ4_NLLevels.All)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HeaderScale(byte* header) => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HeaderMinimum(byte* header) => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale(byte* block, TVector headerScale) => TIsa.LoadHalfScaled(block, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Minimum(byte* block, TVector headerMinimum, TVector scale) =>
        TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HalfScale(byte* block, int half) => TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, int quarter, TVector table, out TVector first, out TVector second)
    {
        LevelBits<TIsa, TVector>.Nibbles(block, Q4_0Packer.Nibbles + quarter * PanelLanes.VectorBytes, out first, out second);
        first = TIsa.Lookup(table, first);
        second = TIsa.Lookup(table, second);
    }
}
