using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>The calls of cuBLAS that are used, under their names there. All return a cublasStatus_t, 0 for success.</summary>
internal static unsafe partial class Cublas
{
    /// <summary>CUBLAS_OP_N and CUBLAS_OP_T.</summary>
    public const int AsStored = 0;
    public const int Transposed = 1;

    /// <summary>CUDA_R_32F and CUDA_R_16F.</summary>
    public const int Float32 = 0;
    public const int Float16 = 2;

    /// <summary>CUBLAS_COMPUTE_32F.</summary>
    public const int ComputeFloat32 = 68;

    /// <summary>CUBLAS_GEMM_DEFAULT.</summary>
    public const int DefaultAlgorithm = -1;

    /// <summary>CUBLAS_POINTER_MODE_DEVICE.</summary>
    public const int DevicePointers = 1;

    public static void Check(int status, string call)
    {
        if (status != 0) throw new CudaException($"cuBLAS: {call}: status {status}");
    }

    [LibraryImport(CudaLibraries.Blas)]
    public static partial int cublasCreate_v2(out nint handle);

    [LibraryImport(CudaLibraries.Blas)]
    public static partial int cublasDestroy_v2(nint handle);

    [LibraryImport(CudaLibraries.Blas)]
    public static partial int cublasSetStream_v2(CublasHandle handle, nint stream);

    [LibraryImport(CudaLibraries.Blas)]
    public static partial int cublasSetPointerMode_v2(CublasHandle handle, int mode);

    [LibraryImport(CudaLibraries.Blas)]
    public static partial int cublasSetWorkspace_v2(CublasHandle handle, ulong workspace, nuint bytes);

    [LibraryImport(CudaLibraries.Blas)]
    public static partial int cublasGemmEx(
        CublasHandle handle, int transposeA, int transposeB, int m, int n, int k, ulong alpha, ulong a, int typeA, int strideA,
        ulong b, int typeB, int strideB, ulong beta, ulong c, int typeC, int strideC, int computeType, int algorithm);
}
