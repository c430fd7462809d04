using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Kernels;
using Cluster.Compute.Cpu.Matrices.Packing;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu.Matrices;

/// <summary>
/// Matrices times activations on a thread team. Activations of block formats are quantized to int8 once for all matrices of a call. Not
/// for several callers at once.
/// </summary>
internal sealed unsafe class MatMulOperation : IDisposable
{
    /// <summary>Activations of a tile of tokens: they pass by for every panel, so they should stay in the second cache.</summary>
    private const int TileBytes = 384 << 10;

    /// <summary>Weight bytes times tokens of a claim: long against the claim itself, short against the whole.</summary>
    private const int ClaimBytes = 64 << 10;

    /// <summary>Weight bytes times tokens below which waking other threads costs more than it gains.</summary>
    private const int SerialBytes = 32 << 10;

    /// <summary>
    /// Tokens up to which each is multiplied on its own, the panel being in the first cache after the first: from three on, unpacking it
    /// for a tile costs less.
    /// </summary>
    private const int VectorTokens = 2;

    private readonly ThreadTeam _team;
    private readonly PanelKernels _kernels;
    private readonly MatMulTask _task = new();
    private readonly QuantizeTask _quantize = new();
    private readonly ScratchMemory _records = new();
    private readonly ScratchMemory _raised = new();
    private readonly ScratchMemory _scratch = new();
    private readonly ScratchMemory _starts = new();

    /// <exception cref="PlatformNotSupportedException">This processor does not have <paramref name="isa"/>.</exception>
    public MatMulOperation(ThreadTeam team, CpuIsa? isa = null)
        : this(team, PanelKernels.For(isa ?? CpuIsa.Best))
    {
    }

    public MatMulOperation(ThreadTeam team, PanelKernels kernels)
    {
        _team = team;
        _kernels = kernels;
    }

    /// <summary>
    /// <paramref name="output"/>[t] = <paramref name="input"/>[t] · Wᵀ (+ bias), the matrices' outputs side by side in each output row.
    /// Input rows are as wide as the matrices' columns, output rows as the sum of their rows; the two must not overlap.
    /// </summary>
    public void Run(ReadOnlySpan<Matrix> matrices, float* input, int tokens, float* output) =>
        Run(matrices, input, null, tokens, output);

    /// <summary>
    /// The same for one row-parallel matrix, as wide as the rows of <paramref name="residual"/>, which sums are rounded by: see
    /// <see cref="SumGrid"/>. What rounding took off follows in rows of its own where the matrix has two <see cref="Matrix.SumPlanes"/>.
    /// </summary>
    public void RunRowParallel(Matrix matrix, float* input, float* residual, int tokens, float* output)
    {
        var starts = (float*)_starts.Reserve(tokens * sizeof(float));
        SumGrid.Starts(residual, matrix.Rows, tokens, starts);
        Run([matrix], input, starts, tokens, output);
    }

    private void Run(ReadOnlySpan<Matrix> matrices, float* input, float* starts, int tokens, float* output)
    {
        if (tokens == 0 || matrices.IsEmpty) return;
        var columns = matrices[0].Columns;
        _task.Clear(columns);
        var byVector = tokens <= VectorTokens;
        long weightBytes = 0;
        var panels = 0;
        var planes = 1;
        var kernelScratch = 0;
        bool readsRecords = false, readsRaised = false;
        foreach (var item in matrices)
        {
            var matrix = (CpuMatrix)item;
            var kernel = starts is null ? _kernels.Get(matrix.Type) : _kernels.GetRowParallel(matrix.Type);
            _task.Add(matrix, kernel);
            weightBytes += matrix.PanelBytes * matrix.PanelCount;
            panels += matrix.PanelCount;
            planes = Math.Max(planes, kernel.Planes);
            kernelScratch = Math.Max(kernelScratch, kernel.ScratchBytes);
            readsRecords |= kernel.TileForm == ActivationForm.Records;
            readsRaised |= byVector && kernel.VectorForm == ActivationForm.Raised;
        }

        var serial = weightBytes * tokens < SerialBytes;
        var records = readsRecords ? Quantize(input, tokens, columns, serial) : null;
        var raised = readsRaised ? Raise(input, tokens * columns) : null;
        _task.SetActivations(input, records, raised, starts, tokens, output);

        var tileTokens = TileTokens(tokens, columns * (readsRecords ? 2 : sizeof(float)));
        var scratchBytes = AlignUp(tileTokens * planes * PanelPacker.Rows * sizeof(float) + kernelScratch);
        var scratch = _scratch.Reserve(scratchBytes * _team.ThreadCount);
        var threads = serial ? 1 : _team.ThreadCount;
        _task.Divide(byVector, tileTokens, ClaimPanels(panels, weightBytes, tokens), threads, scratch, scratchBytes);
        if (serial) _task.Execute(0, 1);
        else _team.Run(_task);
    }

    public void Dispose()
    {
        _records.Dispose();
        _raised.Dispose();
        _scratch.Dispose();
        _starts.Dispose();
    }

    private float* Raise(float* input, int count)
    {
        var raised = (float*)_raised.Reserve((long)count * sizeof(float));
        Multiply(input, count, ActivationRecord.Factor, raised);
        return raised;
    }

    private static int TileTokens(int tokens, int bytesPerToken)
    {
        const int Step = PanelKernel.TokenStep;
        var most = Math.Max(Step, TileBytes / bytesPerToken / Step * Step);
        var tiles = (tokens + most - 1) / most;
        return ((tokens + tiles - 1) / tiles + Step - 1) / Step * Step;
    }

    private static long AlignUp(long bytes) => (bytes + AlignedMemory.Alignment - 1) & -AlignedMemory.Alignment;

    private int ClaimPanels(int panels, long weightBytes, int tokens)
    {
        var bySize = ClaimBytes / Math.Max(1, weightBytes / panels * tokens);
        var byShare = panels / (_team.ThreadCount * 4);
        return (int)Math.Max(1, Math.Min(bySize, byShare));
    }

    private byte* Quantize(float* input, int tokens, int columns, bool serial)
    {
        var records = _records.Reserve(QuantizeTask.RecordBytes(tokens, columns));
        if (tokens <= VectorTokens)
        {
            for (var t = 0; t < tokens; t++)
            {
                ActivationQuantizer.Quantize(
                    input + (long)t * columns, columns, records + t * ActivationRecord.TokenBytes(columns), 0, 1);
            }

            return records;
        }

        _quantize.Prepare(input, tokens, columns, records);
        if (serial) _quantize.Execute(0, 1);
        else _team.Run(_quantize);
        return records;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* input, int count, float factor, float* output)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) Vector.Store(Vector.Load(input + i) * factor, output + i);
        for (; i < count; i++) output[i] = input[i] * factor;
    }
}
