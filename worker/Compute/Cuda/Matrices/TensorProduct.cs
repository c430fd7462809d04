using Cluster.Compute.Cuda.Compilation;
using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;
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

    private const long WorkspaceBytes = 32 << 20;
    private const int HalfBytes = 2;

    private readonly CudaContext _context;
    private readonly CublasHandle _blas;
    private readonly CudaKernel _largest;
    private readonly CudaKernel _toHalf;
    private readonly CudaKernel _addBias;
    private readonly ScratchMemory _weights;
    private readonly ScratchMemory _activations;
    private readonly DeviceMemoryHandle _workspace;

    /// <summary>Largest magnitude of the activations, as bits; what products are multiplied with; 0.</summary>
    private readonly DeviceMemoryHandle _factors;

    public TensorProduct(CudaContext context)
    {
        _context = context;
        _blas = new CublasHandle(context.Handle);
        _workspace = context.Allocate(WorkspaceBytes);
        Cublas.Check(Cublas.cublasSetStream_v2(_blas, context.Stream), "cublasSetStream");
        Cublas.Check(Cublas.cublasSetWorkspace_v2(_blas, _workspace.Address, (nuint)WorkspaceBytes), "cublasSetWorkspace");
        Cublas.Check(Cublas.cublasSetPointerMode_v2(_blas, Cublas.DevicePointers), "cublasSetPointerMode");
        var module = context.Load(new KernelProgram().Include("tensor_activations.cu"));
        _largest = module.Kernel("largest_magnitude");
        _toHalf = module.Kernel("to_half");
        _addBias = module.Kernel("add_bias");
        _weights = new ScratchMemory(context);
        _activations = new ScratchMemory(context);
        _factors = context.Allocate(3 * sizeof(float));
        context.Clear(_factors.Address, _factors.Bytes);
    }

    private ulong Largest => _factors.Address;

    private ulong Factor => _factors.Address + sizeof(float);

    private ulong Zero => _factors.Address + 2 * sizeof(float);

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
        _blas.Dispose();
        _weights.Dispose();
        _activations.Dispose();
        _workspace.Dispose();
        _factors.Dispose();
    }

    private ulong ConvertActivations(CudaBuffer input, int stride, int columns, int tokens)
    {
        var halves = _activations.Reserve((long)tokens * stride * HalfBytes);
        _context.Clear(Largest, sizeof(float));
        var blocks = 4 * _context.Info.Multiprocessors;
        _largest.Launch(blocks, 1, 1, CudaKernel.Threads, new KernelArguments { input.Address, (long)tokens * columns, Largest });
        _toHalf.Launch(
            blocks, 1, 1, CudaKernel.Threads, new KernelArguments { input.Address, columns, stride, (long)tokens, Largest, halves, Factor });
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
            Cublas.Check(
                Cublas.cublasGemmEx(
                    _blas, Cublas.Transposed, Cublas.AsStored, rows, tokens, matrix.Stride, Factor, weights, Cublas.Float16, matrix.Stride,
                    halves, Cublas.Float16, matrix.Stride, Zero, output + (ulong)((long)row * sizeof(float)), Cublas.Float32, width,
                    Cublas.ComputeFloat32, Cublas.DefaultAlgorithm),
                "cublasGemmEx");
        }

        if (matrix.Bias != 0)
            _addBias.LaunchItems((long)matrix.Rows * tokens, new KernelArguments { matrix.Bias, matrix.Rows, tokens, width, output });
    }

    private ulong Dequantize(CudaMatrix matrix, int firstRow, int rows)
    {
        var target = _weights.Reserve((long)rows * matrix.Stride * HalfBytes);
        var eights = (long)rows * matrix.Stride / 8;
        if (matrix.Kernels.IsPlain)
        {
            var start = matrix.Codes + (ulong)((long)firstRow * matrix.Stride * TensorTraits.Get(matrix.Type).BlockBytes);
            matrix.Kernels.Dequantize.LaunchItems(eights, new KernelArguments { start, eights, target });
        }
        else
        {
            matrix.Kernels.Dequantize.LaunchItems(
                eights, new KernelArguments { new BlockPlanes(matrix, 0), (long)firstRow * matrix.RowBlocks, eights, target });
        }

        return target;
    }
}
