using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Kernels;
using Cluster.Compute.Cpu.Matrices.Packing;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Matrices;

/// <summary>
/// The panels of all matrices of one product, times tiles of tokens. Threads claim a few panels at a time, so that one that is held up
/// by other programs takes less.
/// </summary>
internal sealed unsafe class MatMulTask : TeamTask
{
    private readonly ClaimRanges _ranges = new();
    private CpuMatrix[] _matrices = [];
    private PanelKernel[] _kernels = [];
    private bool _byVector;
    private int _matrixCount;
    private int _panelCount;
    private int _columns;
    private int _outputWidth;
    private int _tokens;
    private int _tileTokens;
    private int _claimPanels;
    private int _claimsPerTile;
    private long _recordBytesPerToken;
    private long _scratchBytes;
    private float* _input;
    private float* _starts;
    private byte* _records;
    private float* _raised;
    private float* _output;
    private byte* _scratch;

    /// <summary>Begins a new product over <paramref name="columns"/> inputs.</summary>
    public void Clear(int columns)
    {
        _matrixCount = 0;
        _panelCount = 0;
        _outputWidth = 0;
        _columns = columns;
    }

    public void Add(CpuMatrix matrix, PanelKernel kernel)
    {
        if (_matrixCount == _matrices.Length)
        {
            Array.Resize(ref _matrices, _matrixCount + 4);
            Array.Resize(ref _kernels, _matrixCount + 4);
        }

        _matrices[_matrixCount] = matrix;
        _kernels[_matrixCount++] = kernel;
        _panelCount += matrix.PanelCount;
        _outputWidth += matrix.Rows;
    }

    /// <param name="input">f32 rows.</param>
    /// <param name="records">The same rows quantized; null where no matrix needs them.</param>
    /// <param name="raised">The same rows times <see cref="ActivationRecord.Factor"/>; null where no matrix needs them.</param>
    /// <param name="starts">For each token what sums begin at; null for 0.</param>
    /// <param name="tokens">Rows.</param>
    /// <param name="output">Rows of all matrices' outputs side by side, then those of a second plane.</param>
    public void SetActivations(float* input, byte* records, float* raised, float* starts, int tokens, float* output)
    {
        _input = input;
        _starts = starts;
        _raised = raised;
        _records = records;
        _tokens = tokens;
        _output = output;
        _recordBytesPerToken = ActivationRecord.TokenBytes(_columns);
    }

    /// <summary>
    /// Cuts the work, with records of one token each (<paramref name="byVector"/>) or of tiles: <paramref name="tileTokens"/> tokens at a
    /// time and <paramref name="claimPanels"/> panels a claim, with <paramref name="scratchBytes"/> at <paramref name="scratch"/> for
    /// each of <paramref name="threads"/>.
    /// </summary>
    public void Divide(bool byVector, int tileTokens, int claimPanels, int threads, byte* scratch, long scratchBytes)
    {
        _byVector = byVector;
        _tileTokens = tileTokens;
        _claimPanels = claimPanels;
        _claimsPerTile = (_panelCount + claimPanels - 1) / claimPanels;
        _ranges.Reset(_claimsPerTile * ((_tokens + tileTokens - 1) / tileTokens), threads);
        _scratch = scratch;
        _scratchBytes = scratchBytes;
    }

    // These, too, at full speed at once: a step or two run long before the runtime would come to compile them again.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Execute(int thread, int threads)
    {
        var sums = (float*)(_scratch + thread * _scratchBytes);
        var helped = 0;
        while (_ranges.TryTake(thread, ref helped, out var claim))
        {
            var firstToken = claim / _claimsPerTile * _tileTokens;
            var firstPanel = claim % _claimsPerTile * _claimPanels;
            var endPanel = Math.Min(firstPanel + _claimPanels, _panelCount);
            Multiply(firstPanel, endPanel, firstToken, Math.Min(_tileTokens, _tokens - firstToken), sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(int firstPanel, int endPanel, int firstToken, int tokens, float* sums)
    {
        var matrixStart = 0;
        var outputColumn = 0;
        for (var m = 0; m < _matrixCount && matrixStart < endPanel; m++)
        {
            var matrix = _matrices[m];
            var end = Math.Min(endPanel - matrixStart, matrix.PanelCount);
            for (var panel = Math.Max(firstPanel - matrixStart, 0); panel < end; panel++)
            {
                var row = panel * PanelPacker.Rows;
                var output = _output + (long)firstToken * _outputWidth + outputColumn + row;
                MultiplyPanel(matrix, _kernels[m], panel, firstToken, tokens, sums, output);
            }

            matrixStart += matrix.PanelCount;
            outputColumn += matrix.Rows;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyPanel(
        CpuMatrix matrix, PanelKernel kernel, int index, int firstToken, int tokens, float* sums, float* output)
    {
        var panel = matrix.Panels + index * matrix.PanelBytes;
        var row = index * PanelPacker.Rows;
        var rows = Math.Min(PanelPacker.Rows, matrix.Rows - row);
        var factor = matrix.Factors[index];
        var bias = matrix.Bias is null ? null : matrix.Bias + row;
        var planes = kernel.Planes;
        var starts = _starts is null ? null : _starts + firstToken;
        if (_byVector)
        {
            // A whole panel of plain products goes straight to where it belongs.
            var direct = rows == PanelPacker.Rows && bias is null && starts is null;
            for (var t = 0; t < tokens; t++)
            {
                var start = starts is null ? 0 : starts[t];
                var target = direct ? output + (long)t * _outputWidth : sums + t * planes * PanelPacker.Rows;
                kernel.MultiplyVector(
                    panel, _columns, Activations(kernel.VectorForm, firstToken + t), start, factor, (byte*)target);
            }

            if (direct) return;
        }
        else
        {
            var scratch = (byte*)sums + _scratchBytes - kernel.ScratchBytes;
            kernel.MultiplyTile(
                panel, _columns, Activations(kernel.TileForm, firstToken), starts, tokens, factor, scratch, (byte*)sums);
        }

        for (var t = 0; t < tokens; t++, output += _outputWidth)
        {
            var start = starts is null ? 0 : starts[t];
            CopyRow(sums, start, bias, output, rows);
            sums += PanelPacker.Rows;
            if (planes == 1) continue;
            CopyRow(sums, start * SumGrid.RemainderScale, null, output + (long)_tokens * _outputWidth, rows);
            sums += PanelPacker.Rows;
        }
    }

    private byte* Activations(ActivationForm form, int token) => form switch
    {
        ActivationForm.Records => _records + token * _recordBytesPerToken,
        ActivationForm.Raised => (byte*)(_raised + (long)token * _columns),
        _ => (byte*)(_input + (long)token * _columns),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRow(float* sums, float start, float* bias, float* output, int rows)
    {
        var from = new Vector<float>(start);
        var r = 0;
        for (; r <= rows - Vector<float>.Count; r += Vector<float>.Count)
        {
            var sum = Vector.Load(sums + r) - from;

            // On the grid of the sums, too, if there is one.
            if (bias is not null) sum += Vector.Load(bias + r) + from - from;
            sum.Store(output + r);
        }

        for (; r < rows; r++) output[r] = bias is null ? sums[r] - start : sums[r] - start + (bias[r] + start - start);
    }
}
