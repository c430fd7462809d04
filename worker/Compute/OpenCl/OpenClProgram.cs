using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.OpenCl;

/// <summary>The kernels of a compiled program.</summary>
internal sealed class OpenClProgram(OpenClContext context, OpenClObject program)
{
    /// <param name="name">As in the program.</param>
    /// <param name="format">The format that it was compiled for, where programs of several have a kernel of this name.</param>
    public OpenClKernel Kernel(string name, string? format = null)
    {
        var handle = OpenClApi.clCreateKernel(program.Value, name, out var error);
        var kernel = new OpenClObject(handle, OpenClApi.clReleaseKernel, error, $"clCreateKernel({name})");
        context.Own(kernel);
        return new OpenClKernel(context, kernel, format is null ? name : $"{name} {format}");
    }
}
