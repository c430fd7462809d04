using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda;

/// <summary>The kernels of a compiled program.</summary>
internal sealed class CudaModule(CudaContext context, CudaModuleHandle handle)
{
    public CudaKernel Kernel(string name)
    {
        CudaDriver.Check(CudaDriver.cuModuleGetFunction(out var function, handle, name), $"cuModuleGetFunction({name})");
        return new CudaKernel(context, function, name);
    }
}
