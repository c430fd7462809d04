using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>
/// Sums on a <see cref="SumGrid"/> and, in a second plane, the sums of what rounding to the grid took off, on a grid finer by
/// <see cref="SumGrid.RemainderScale"/>: both exact, so that they do not depend on order or cut, and together as precise as f32.
/// </summary>
internal readonly unsafe struct GridSum<TIsa, TVector> : IChunkSum<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    /// <summary>What cuts keep to.</summary>
    public static int ChunkColumns => SumGrid.CutColumns;

    public static int Planes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin(byte* sums, float start)
    {
        TIsa.Store(sums, 0, TIsa.BroadcastFloat(start));
        TIsa.Store(sums, PanelLanes.VectorBytes, TIsa.BroadcastFloat(start * SumGrid.RemainderScale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(byte* sums, float start, TVector product)
    {
        var before = TIsa.Load(sums, 0);
        var after = TIsa.AddFloat(before, product);
        TIsa.Store(sums, 0, after);
        var remainder = Subtract(product, Subtract(after, before));
        // To the finer grid before it is added: ties must not be broken by what the sum happens to be.
        var fine = TIsa.BroadcastFloat(start * SumGrid.RemainderScale);
        remainder = Subtract(TIsa.AddFloat(fine, remainder), fine);
        TIsa.Store(sums, PanelLanes.VectorBytes, TIsa.AddFloat(TIsa.Load(sums, PanelLanes.VectorBytes), remainder));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Subtract(TVector left, TVector right) => TIsa.MultiplyAdd(right, TIsa.BroadcastFloat(-1), left);
}
