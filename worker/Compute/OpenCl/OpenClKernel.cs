using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.OpenCl;

/// <summary>A kernel, queued behind what its device was given before.</summary>
internal sealed unsafe class OpenClKernel(OpenClContext context, OpenClObject kernel, string name)
{
    /// <summary>Work-items of a work-group where nothing else says how many.</summary>
    public const int Items = 64;

    /// <summary>Runs a work-item for each of <paramref name="items"/>, in work-groups of <see cref="Items"/>.</summary>
    public void RunItems(long items, in OpenClArguments arguments, KernelWork? work = null) =>
        Run((items + Items - 1) / Items, 1, 1, Items, arguments, work);

    /// <summary>Runs work-groups of <paramref name="items"/> work-items.</summary>
    /// <param name="work">What is to be done; null where it is no part of a step.</param>
    public void Run(long groupsX, long groupsY, long groupsZ, int items, in OpenClArguments arguments, KernelWork? work = null)
    {
        if (groupsX == 0 || groupsY == 0 || groupsZ == 0) return;
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments.Value(i, out var bytes);
            var result = OpenClApi.clSetKernelArg(kernel.Value, (uint)i, (nuint)bytes, &word);
            if (result != 0) throw new OpenClException($"OpenCL: kernel {name}, argument {i}: {OpenClApi.Describe(result)}");
        }

        var global = stackalloc nuint[] { (nuint)(groupsX * items), (nuint)groupsY, (nuint)groupsZ };
        var local = stackalloc nuint[] { (nuint)items, 1, 1 };
        nint done = 0;
        var error = OpenClApi.clEnqueueNDRangeKernel(context.Queue, kernel.Value, 3, null, global, local, 0, null, context.Timer.IsOn ? &done : null);
        if (error != 0)
        {
            throw new OpenClException(
                $"OpenCL: kernel {name} ({groupsX} x {groupsY} x {groupsZ} work-groups of {items}): {OpenClApi.Describe(error)}");
        }

        context.Timer.Queued(name, done, work is { } one ? [one] : []);
    }
}
