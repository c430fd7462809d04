using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>f32 sums.</summary>
internal readonly unsafe struct PlainSum<TIsa, TVector> : IChunkSum<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    public static int ChunkColumns => 128;

    public static int Planes => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin(byte* sums, float start) => TIsa.Store(sums, 0, TIsa.BroadcastFloat(start));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(byte* sums, float start, TVector product) =>
        TIsa.Store(sums, 0, TIsa.AddFloat(TIsa.Load(sums, 0), product));
}
