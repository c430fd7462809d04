using Microsoft.Win32.SafeHandles;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>A cuBLAS library context.</summary>
internal sealed class CublasHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly CudaContextHandle _context;

    public CublasHandle(CudaContextHandle context) : base(ownsHandle: true)
    {
        _context = context;
        context.Enter();
        Cublas.Check(Cublas.cublasCreate_v2(out var blas), "cublasCreate");
        SetHandle(blas);
    }

    protected override bool ReleaseHandle() => _context.TryEnter() && Cublas.cublasDestroy_v2(handle) == 0;
}
