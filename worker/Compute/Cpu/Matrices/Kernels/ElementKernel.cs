using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Formats;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>
/// Plain floating-point weights times f32 activations, nothing quantized. Panels of f32 have no factor but 1. The even and
/// the odd columns of a chunk are summed on their own and added in order, whatever the number of tokens: a token's result does not depend on it.
/// </summary>
internal sealed unsafe class ElementKernel<TIsa, TVector, TFormat> : PanelKernel
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
    where TFormat : IElementFormat<TIsa, TVector>
{
    private const int ChunkColumns = 256;
    private const int Sums = 2;
    private const int RowBytes = PanelPacker.Rows * sizeof(float);
    private const int Tile = 6;

    /// <summary>As in <see cref="QuantizedKernel{TIsa, TVector, TFormat}"/>.</summary>
    private const int PrefetchBytes = 1536;

    public override ActivationForm VectorForm => TFormat.VectorForm;

    public override ActivationForm TileForm => ActivationForm.Plain;

    public override int ScratchBytes => ChunkColumns * PanelLanes.VectorBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyVector(byte* panel, int columns, byte* activations, float start, float factor, byte* sums)
    {
        var result = factor * TFormat.VectorFactor;
        var sum = TIsa.BroadcastFloat(start / result);
        for (var first = 0; first < columns; first += ChunkColumns)
        {
            var count = Math.Min(ChunkColumns, columns - first);
            sum = AddChunk(panel + (long)first * TFormat.ColumnBytes, count, activations + (long)first * sizeof(float), sum);
        }

        TIsa.Store(sums, 0, TIsa.Multiply(sum, TIsa.BroadcastFloat(result)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddChunk(byte* panel, int columns, byte* x, TVector sum)
    {
        // With one sum, each fused multiply-add would wait for the one before it.
        TVector even, odd;
        even = odd = TIsa.Zero;
        for (; columns >= 4; columns -= 4)
        {
            // Columns of f32 take so few instructions that the hardware keeps ahead by itself, and better.
            if (!TFormat.IsSingle)
            {
                TIsa.PrefetchOnce(panel, PrefetchBytes);
                TIsa.PrefetchOnce(panel, PrefetchBytes + 64);
            }

            even = TIsa.MultiplyAdd(TFormat.Load(panel, 0), TIsa.Broadcast(x, 0), even);
            odd = TIsa.MultiplyAdd(TFormat.Load(panel, TFormat.ColumnBytes), TIsa.Broadcast(x, 4), odd);
            even = TIsa.MultiplyAdd(TFormat.Load(panel, 2 * TFormat.ColumnBytes), TIsa.Broadcast(x, 8), even);
            odd = TIsa.MultiplyAdd(TFormat.Load(panel, 3 * TFormat.ColumnBytes), TIsa.Broadcast(x, 12), odd);
            panel += 4 * TFormat.ColumnBytes;
            x += 4 * sizeof(float);
        }

        if (columns > 0) even = TIsa.MultiplyAdd(TFormat.Load(panel, 0), TIsa.Broadcast(x, 0), even);
        if (columns > 1) odd = TIsa.MultiplyAdd(TFormat.Load(panel, TFormat.ColumnBytes), TIsa.Broadcast(x, 4), odd);
        if (columns > 2) even = TIsa.MultiplyAdd(TFormat.Load(panel, 2 * TFormat.ColumnBytes), TIsa.Broadcast(x, 8), even);
        return TIsa.AddFloat(TIsa.AddFloat(sum, even), odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyTile(
        byte* panel, int columns, byte* activations, float* starts, int tokens, float factor, byte* scratch, byte* sums)
    {
        for (var t = 0; t < (tokens + Tile - 1) / Tile * Tile; t++)
        {
            TIsa.Store(sums, t * RowBytes, TIsa.BroadcastFloat(StartOf(starts, t, tokens)));
        }

        var x = (float*)activations;
        for (var first = 0; first < columns; first += ChunkColumns)
        {
            var count = Math.Min(ChunkColumns, columns - first);
            var weights = panel + (long)first * TFormat.ColumnBytes;
            if (!TFormat.IsSingle)
            {
                var factors = TIsa.BroadcastFloat(factor * TFormat.WeightFactor);
                for (var c = 0; c < count; c++)
                {
                    TIsa.Store(scratch, c * PanelLanes.VectorBytes, TIsa.Multiply(TFormat.Load(weights, c * TFormat.ColumnBytes), factors));
                }

                weights = scratch;
            }

            for (var t = 0; t < tokens; t += Tile)
            {
                for (var c = 0; c < Math.Min(Sums, count); c++)
                    AddTile(weights, c, count, x + (long)t * columns + first, columns, Math.Min(Tile, tokens - t), sums + t * RowBytes);
            }
        }
    }

    /// <summary>
    /// Adds every second column from <paramref name="first"/> on, of sixteen f32 rows, times six tokens' activations to
    /// <paramref name="sums"/>[6][16]. Of fewer tokens the last stands in for those that are missing; nobody reads their sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddTile(byte* weights, int first, int columns, float* x, int stride, int tokens, byte* sums)
    {
        var last = tokens - 1;
        var x0 = x;
        var x1 = x + (long)Math.Min(1, last) * stride;
        var x2 = x + (long)Math.Min(2, last) * stride;
        var x3 = x + (long)Math.Min(3, last) * stride;
        var x4 = x + (long)Math.Min(4, last) * stride;
        var x5 = x + (long)Math.Min(5, last) * stride;
        TVector s0, s1, s2, s3, s4, s5;
        s0 = s1 = s2 = s3 = s4 = s5 = TIsa.Zero;
        for (var c = first; c < columns; c += Sums)
        {
            var w = TIsa.Load(weights, c * PanelLanes.VectorBytes);
            s0 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x0 + c), 0), s0);
            s1 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x1 + c), 0), s1);
            s2 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x2 + c), 0), s2);
            s3 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x3 + c), 0), s3);
            s4 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x4 + c), 0), s4);
            s5 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x5 + c), 0), s5);
        }

        Add(sums, s0);
        Add(sums + RowBytes, s1);
        Add(sums + 2 * RowBytes, s2);
        Add(sums + 3 * RowBytes, s3);
        Add(sums + 4 * RowBytes, s4);
        Add(sums + 5 * RowBytes, s5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(byte* sums, TVector addend) => TIsa.Store(sums, 0, TIsa.AddFloat(TIsa.Load(sums, 0), addend));
}
