using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda;

/// <summary>The kernels of a compiled program.</summary>
internal sealed class CudaModule(CudaContext context, CudaModuleHandle handle)
{
    /// <param name="name">As in the program.</param>
    /// <param name="format">The format that it was compiled for, where programs of several have a kernel of this name.</param>
    public CudaKernel Kernel(string name, string? format = null)
    {
        CudaDriver.Check(CudaDriver.cuModuleGetFunction(out var function, handle, name), $"cuModuleGetFunction({name})");
        // A multiprocessor divides its memory anew only when it is idle: kernels that are to overlap must want it divided alike.
        CudaDriver.Check(CudaDriver.cuFuncSetAttribute(function, CudaDriver.SharedShare, 100), "cuFuncSetAttribute");
        return new CudaKernel(context, function, format is null ? name : $"{name} {format}");
    }
}
