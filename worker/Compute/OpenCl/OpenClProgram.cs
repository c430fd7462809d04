using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.OpenCl;

/// <summary>The kernels of a compiled program.</summary>
internal sealed class OpenClProgram(OpenClContext context, OpenClObject program)
{
    public OpenClKernel Kernel(string name)
    {
        var handle = OpenClApi.clCreateKernel(program.Value, name, out var error);
        var kernel = new OpenClObject(handle, OpenClApi.clReleaseKernel, error, $"clCreateKernel({name})");
        context.Own(kernel);
        return new OpenClKernel(context, kernel, name);
    }
}
