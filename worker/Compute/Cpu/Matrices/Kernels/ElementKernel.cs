using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Formats;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>Plain floating-point weights times f32 activations, nothing quantized.</summary>
internal sealed unsafe class ElementKernel<TIsa, TVector, TFormat> : PanelKernel
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
    where TFormat : IElementFormat<TIsa, TVector>
{
    private const int ChunkColumns = 128;
    private const int Tile = 6;

    public override bool ReadsRecords => false;

    public override int ScratchBytes => ChunkColumns * PanelLanes.VectorBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyVector(byte* panel, int columns, byte* activations, float start, float* sums)
    {
        // Four sums, as a fused multiply-add takes four cycles and two can begin in each.
        TVector s0, s1, s2, s3;
        s0 = TIsa.BroadcastFloat(start);
        s1 = s2 = s3 = TIsa.Zero;
        var x = (float*)activations;
        var c = 0;
        for (; c + 4 <= columns; c += 4)
        {
            s0 = TIsa.MultiplyAdd(TFormat.Load(panel), TIsa.Broadcast(x + c), s0);
            s1 = TIsa.MultiplyAdd(TFormat.Load(panel + TFormat.ColumnBytes), TIsa.Broadcast(x + c + 1), s1);
            s2 = TIsa.MultiplyAdd(TFormat.Load(panel + 2 * TFormat.ColumnBytes), TIsa.Broadcast(x + c + 2), s2);
            s3 = TIsa.MultiplyAdd(TFormat.Load(panel + 3 * TFormat.ColumnBytes), TIsa.Broadcast(x + c + 3), s3);
            panel += 4 * TFormat.ColumnBytes;
        }

        for (; c < columns; c++, panel += TFormat.ColumnBytes)
        {
            s0 = TIsa.MultiplyAdd(TFormat.Load(panel), TIsa.Broadcast(x + c), s0);
        }

        TIsa.Store(sums, TIsa.AddFloat(TIsa.AddFloat(s0, s1), TIsa.AddFloat(s2, s3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyTile(
        byte* panel, int columns, byte* activations, float* starts, int tokens, byte* scratch, float* sums)
    {
        for (var t = 0; t < (tokens + Tile - 1) / Tile * Tile; t++)
        {
            TIsa.Store(sums + t * PanelPacker.Rows, TIsa.BroadcastFloat(StartOf(starts, t, tokens)));
        }

        var x = (float*)activations;
        for (var first = 0; first < columns; first += ChunkColumns)
        {
            var count = Math.Min(ChunkColumns, columns - first);
            var weights = panel + (long)first * TFormat.ColumnBytes;
            if (!TFormat.IsSingle)
            {
                for (var c = 0; c < count; c++)
                {
                    TIsa.Store(scratch + c * PanelLanes.VectorBytes, TFormat.Load(weights + c * TFormat.ColumnBytes));
                }

                weights = scratch;
            }

            for (var t = 0; t < tokens; t += Tile)
            {
                AddTile(weights, count, x + (long)t * columns + first, columns, Math.Min(Tile, tokens - t), sums + t * PanelPacker.Rows);
            }
        }
    }

    /// <summary>
    /// Adds columns of sixteen f32 rows times six tokens' activations to <paramref name="sums"/>[6][16]. Of fewer tokens the last stands
    /// in for those that are missing; nobody reads their sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddTile(byte* weights, int columns, float* x, int stride, int tokens, float* sums)
    {
        var last = tokens - 1;
        var x0 = x;
        var x1 = x + (long)Math.Min(1, last) * stride;
        var x2 = x + (long)Math.Min(2, last) * stride;
        var x3 = x + (long)Math.Min(3, last) * stride;
        var x4 = x + (long)Math.Min(4, last) * stride;
        var x5 = x + (long)Math.Min(5, last) * stride;
        var s0 = TIsa.Load(sums);
        var s1 = TIsa.Load(sums + PanelPacker.Rows);
        var s2 = TIsa.Load(sums + 2 * PanelPacker.Rows);
        var s3 = TIsa.Load(sums + 3 * PanelPacker.Rows);
        var s4 = TIsa.Load(sums + 4 * PanelPacker.Rows);
        var s5 = TIsa.Load(sums + 5 * PanelPacker.Rows);
        for (var c = 0; c < columns; c++)
        {
            var w = TIsa.Load(weights + c * PanelLanes.VectorBytes);
            s0 = TIsa.MultiplyAdd(w, TIsa.Broadcast(x0 + c), s0);
            s1 = TIsa.MultiplyAdd(w, TIsa.Broadcast(x1 + c), s1);
            s2 = TIsa.MultiplyAdd(w, TIsa.Broadcast(x2 + c), s2);
            s3 = TIsa.MultiplyAdd(w, TIsa.Broadcast(x3 + c), s3);
            s4 = TIsa.MultiplyAdd(w, TIsa.Broadcast(x4 + c), s4);
            s5 = TIsa.MultiplyAdd(w, TIsa.Broadcast(x5 + c), s5);
        }

        TIsa.Store(sums, s0);
        TIsa.Store(sums + PanelPacker.Rows, s1);
        TIsa.Store(sums + 2 * PanelPacker.Rows, s2);
        TIsa.Store(sums + 3 * PanelPacker.Rows, s3);
        TIsa.Store(sums + 4 * PanelPacker.Rows, s4);
        TIsa.Store(sums + 5 * PanelPacker.Rows, s5);
    }
}
