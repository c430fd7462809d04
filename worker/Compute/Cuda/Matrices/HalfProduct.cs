using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>cuBLAS on a device's stream: f16 matrices times f16 rows with f32 sums, times a factor that the device has.</summary>
internal sealed class HalfProduct : IDisposable
{
    private const long WorkspaceBytes = 32 << 20;
    private const int HalfBytes = 2;

    private readonly CudaContext _context;
    private readonly CublasHandle _blas;
    private readonly DeviceMemoryHandle _workspace;

    /// <summary>What products are multiplied with; 0, what is kept of what was there.</summary>
    private readonly DeviceMemoryHandle _factors;

    public HalfProduct(CudaContext context)
    {
        _context = context;
        _blas = new CublasHandle(context.Handle);
        _workspace = context.Allocate(WorkspaceBytes);
        _factors = context.Allocate(2 * sizeof(float));
        context.Clear(_factors.Address, _factors.Bytes);
        Cublas.Check(Cublas.cublasSetStream_v2(_blas, context.Stream), "cublasSetStream");
        Cublas.Check(Cublas.cublasSetWorkspace_v2(_blas, _workspace.Address, (nuint)WorkspaceBytes), "cublasSetWorkspace");
        Cublas.Check(Cublas.cublasSetPointerMode_v2(_blas, Cublas.DevicePointers), "cublasSetPointerMode");
    }

    /// <summary>Where the factor is on the device.</summary>
    public ulong Factor => _factors.Address;

    /// <summary>output[t] = factor · input[t] · Wᵀ; rows of both are <paramref name="columns"/> wide, of the output <paramref name="width"/>.</summary>
    public void Run(ulong weights, ulong input, ulong output, int rows, int columns, int tokens, int width)
    {
        _context.Timer.BeforeKernel();
        Cublas.Check(
            Cublas.cublasGemmEx(
                _blas, Cublas.Transposed, Cublas.AsStored, rows, tokens, columns, Factor, weights, Cublas.Float16, columns, input, Cublas.Float16,
                columns, Factor + sizeof(float), output, Cublas.Float32, width, Cublas.ComputeFloat32, Cublas.DefaultAlgorithm),
            "cublasGemmEx");
        var bytes = HalfBytes * ((long)rows + tokens) * columns + sizeof(float) * (long)tokens * rows;
        _context.Timer.After("cublasGemmEx f16", _context.Timer.Work(bytes, (long)rows * columns * tokens));
    }

    public void Dispose()
    {
        _blas.Dispose();
        _workspace.Dispose();
        _factors.Dispose();
    }
}
