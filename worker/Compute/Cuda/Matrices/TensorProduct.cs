using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>
/// Products of many tokens on tensor cores, by cuBLAS: weights become f16 some rows at a time, activations f16 times one power of two that
/// keeps the largest in range; sums are f32.
/// </summary>
internal sealed unsafe class TensorProduct : IDisposable
{
    /// <summary>Weights as f16 at once: enough rows to fill the device.</summary>
    private const long TileBytes = 128 << 20;

    private const int HalfBytes = 2;

    private readonly CudaContext _context;
    private readonly HalfProduct _product;
    private readonly CudaKernel _largest;
    private readonly CudaKernel _toHalf;
    private readonly CudaKernel _addBias;
    private readonly ScratchMemory _weights;
    private readonly ScratchMemory _activations;

    /// <summary>Largest magnitude of the activations, as bits.</summary>
    private readonly DeviceMemoryHandle _largestMagnitude;

    public TensorProduct(CudaContext context)
    {
        _context = context;
        _product = new HalfProduct(context);
        var module = context.Load(new KernelProgram().Include("tensor_activations.cu"));
        _largest = module.Kernel("largest_magnitude");
        _toHalf = module.Kernel("to_half");
        _addBias = module.Kernel("add_bias");
        _weights = new ScratchMemory(context);
        _activations = new ScratchMemory(context);
        _largestMagnitude = context.Allocate(sizeof(float));
    }

    public void Run(ReadOnlySpan<Matrix> matrices, CudaBuffer input, int tokens, int width, CudaBuffer output)
    {
        var halves = ConvertActivations(input, ((CudaMatrix)matrices[0]).Stride, matrices[0].Columns, tokens);
        var firstOutput = 0;
        foreach (var item in matrices)
        {
            var matrix = (CudaMatrix)item;
            Multiply(matrix, halves, tokens, width, output.Address + (ulong)((long)firstOutput * sizeof(float)));
            firstOutput += matrix.Rows;
        }
    }

    public void Dispose()
    {
        _product.Dispose();
        _weights.Dispose();
        _activations.Dispose();
        _largestMagnitude.Dispose();
    }

    private ulong ConvertActivations(CudaBuffer input, int stride, int columns, int tokens)
    {
        var halves = _activations.Reserve((long)tokens * stride * HalfBytes);
        var largest = _largestMagnitude.Address;
        _context.Clear(largest, sizeof(float));
        var blocks = 4 * _context.Info.Multiprocessors;
        var bytes = (long)tokens * columns * sizeof(float);
        _largest.Launch(
            blocks, 1, 1, CudaKernel.Threads, new KernelArguments { input.Address, (long)tokens * columns, largest }, _context.Timer.Work(bytes));
        _toHalf.Launch(
            blocks, 1, 1, CudaKernel.Threads, new KernelArguments { input.Address, columns, stride, (long)tokens, largest, halves, _product.Factor },
            _context.Timer.Work(bytes + (long)tokens * stride * HalfBytes));
        return halves;
    }

    private void Multiply(CudaMatrix matrix, ulong halves, int tokens, int width, ulong output)
    {
        // What is f16 already needs no copy.
        var tileRows = matrix.Type == TensorType.F16 ? matrix.Rows : (int)Math.Clamp(TileBytes / ((long)matrix.Stride * HalfBytes), 1, matrix.Rows);
        for (var row = 0; row < matrix.Rows; row += tileRows)
        {
            var rows = Math.Min(tileRows, matrix.Rows - row);
            var weights = matrix.Type == TensorType.F16 ? matrix.Codes : Dequantize(matrix, row, rows);
            _product.Run(weights, halves, output + (ulong)((long)row * sizeof(float)), rows, matrix.Stride, tokens, width);
        }

        if (matrix.Bias == 0) return;
        var outputs = (long)matrix.Rows * tokens;
        _addBias.LaunchItems(
            outputs, new KernelArguments { matrix.Bias, matrix.Rows, tokens, width, output }, _context.Timer.Work(2 * outputs * sizeof(float)));
    }

    private ulong Dequantize(CudaMatrix matrix, int firstRow, int rows)
    {
        var target = _weights.Reserve((long)rows * matrix.Stride * HalfBytes);
        var eights = (long)rows * matrix.Stride / 8;
        var work = _context.Timer.Work(matrix.ReadBytes * rows / matrix.Rows + 8 * eights * HalfBytes);
        if (matrix.Kernels.IsPlain)
        {
            var start = matrix.Codes + (ulong)((long)firstRow * matrix.Stride * TensorTraits.Get(matrix.Type).BlockBytes);
            matrix.Kernels.Dequantize.LaunchItems(eights, new KernelArguments { start, eights, target }, work);
        }
        else
        {
            matrix.Kernels.Dequantize.LaunchItems(
                eights, new KernelArguments { new BlockPlanes(matrix, 0), (long)firstRow * matrix.RowBlocks, eights, target }, work);
        }

        return target;
    }
}
