using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Formats;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>
/// Plain floating-point weights times f32 activations, nothing quantized. Panels of f32 have no factor but 1. The columns of a chunk are
/// summed one after the other, and chunks as <typeparamref name="TSum"/> does, whatever the number of tokens: a token's result does not
/// depend on it.
/// </summary>
internal sealed unsafe class ElementKernel<TIsa, TVector, TFormat, TSum> : PanelKernel
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
    where TFormat : IElementFormat<TIsa, TVector>
    where TSum : IChunkSum<TIsa, TVector>
{
    /// <summary>Columns unpacked at a time, a whole number of chunks.</summary>
    private const int UnpackedColumns = 128;

    private const int Tile = 6;

    /// <summary>As in <see cref="QuantizedKernel{TIsa, TVector, TFormat}"/>.</summary>
    private const int PrefetchBytes = 1536;

    public override ActivationForm VectorForm => TFormat.VectorForm;

    public override ActivationForm TileForm => ActivationForm.Plain;

    public override int ScratchBytes => UnpackedColumns * PanelLanes.VectorBytes;

    public override int Planes => TSum.Planes;

    private static int SumBytes => TSum.Planes * PanelLanes.VectorBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyVector(byte* panel, int columns, byte* activations, float start, float factor, byte* sums)
    {
        var result = factor * TFormat.VectorFactor;
        start /= result;
        TSum.Begin(sums, start);
        for (var c = 0; c < columns; c += TSum.ChunkColumns)
        {
            TSum.Add(sums, start, MultiplyChunk(panel, Math.Min(TSum.ChunkColumns, columns - c), activations));
            panel += TSum.ChunkColumns * TFormat.ColumnBytes;
            activations += TSum.ChunkColumns * sizeof(float);
        }

        for (var plane = 0; plane < SumBytes; plane += PanelLanes.VectorBytes)
        {
            TIsa.Store(sums, plane, TIsa.Multiply(TIsa.Load(sums, plane), TIsa.BroadcastFloat(result)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector MultiplyChunk(byte* panel, int columns, byte* x)
    {
        var product = TIsa.Zero;
        for (; columns >= 4; columns -= 4)
        {
            // Columns of f32 take so few instructions that the hardware keeps ahead by itself, and better.
            if (!TFormat.IsSingle)
            {
                TIsa.PrefetchOnce(panel, PrefetchBytes);
                TIsa.PrefetchOnce(panel, PrefetchBytes + 64);
            }

            product = TIsa.MultiplyAdd(TFormat.Load(panel, 0), TIsa.Broadcast(x, 0), product);
            product = TIsa.MultiplyAdd(TFormat.Load(panel, TFormat.ColumnBytes), TIsa.Broadcast(x, 4), product);
            product = TIsa.MultiplyAdd(TFormat.Load(panel, 2 * TFormat.ColumnBytes), TIsa.Broadcast(x, 8), product);
            product = TIsa.MultiplyAdd(TFormat.Load(panel, 3 * TFormat.ColumnBytes), TIsa.Broadcast(x, 12), product);
            panel += 4 * TFormat.ColumnBytes;
            x += 4 * sizeof(float);
        }

        for (; columns > 0; columns--, panel += TFormat.ColumnBytes, x += sizeof(float))
        {
            product = TIsa.MultiplyAdd(TFormat.Load(panel, 0), TIsa.Broadcast(x, 0), product);
        }

        return product;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyTile(
        byte* panel, int columns, byte* activations, float* starts, int tokens, float factor, byte* scratch, byte* sums)
    {
        for (var t = 0; t < (tokens + Tile - 1) / Tile * Tile; t++) TSum.Begin(sums + t * SumBytes, StartOf(starts, t, tokens));
        for (var first = 0; first < columns; first += UnpackedColumns)
        {
            var count = Math.Min(UnpackedColumns, columns - first);
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

            var x = (float*)activations + first;
            for (var t = 0; t < tokens; t += Tile, x += (long)Tile * columns)
            {
                AddTile(weights, count, x, columns, starts, t, tokens, sums + t * SumBytes);
            }
        }
    }

    /// <summary>
    /// Adds unpacked columns of sixteen rows times the activations of six tokens from <paramref name="token"/> on to their sums. Of fewer
    /// tokens the last stands in for those that are missing; nobody reads their sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddTile(byte* weights, int columns, float* x, int stride, float* starts, int token, int tokens, byte* sums)
    {
        var last = Math.Min(Tile, tokens - token) - 1;
        var x0 = x;
        var x1 = x + (long)Math.Min(1, last) * stride;
        var x2 = x + (long)Math.Min(2, last) * stride;
        var x3 = x + (long)Math.Min(3, last) * stride;
        var x4 = x + (long)Math.Min(4, last) * stride;
        var x5 = x + (long)Math.Min(5, last) * stride;
        for (var c = 0; c < columns;)
        {
            TVector s0, s1, s2, s3, s4, s5;
            s0 = s1 = s2 = s3 = s4 = s5 = TIsa.Zero;
            for (var end = Math.Min(columns, c + TSum.ChunkColumns); c < end; c++)
            {
                var w = TIsa.Load(weights, c * PanelLanes.VectorBytes);
                s0 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x0 + c), 0), s0);
                s1 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x1 + c), 0), s1);
                s2 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x2 + c), 0), s2);
                s3 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x3 + c), 0), s3);
                s4 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x4 + c), 0), s4);
                s5 = TIsa.MultiplyAdd(w, TIsa.Broadcast((byte*)(x5 + c), 0), s5);
            }

            TSum.Add(sums, StartOf(starts, token, tokens), s0);
            TSum.Add(sums + SumBytes, StartOf(starts, token + 1, tokens), s1);
            TSum.Add(sums + 2 * SumBytes, StartOf(starts, token + 2, tokens), s2);
            TSum.Add(sums + 3 * SumBytes, StartOf(starts, token + 3, tokens), s3);
            TSum.Add(sums + 4 * SumBytes, StartOf(starts, token + 4, tokens), s4);
            TSum.Add(sums + 5 * SumBytes, StartOf(starts, token + 5, tokens), s5);
        }
    }
}
