using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl;
using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.Tests.OpenCl;

public class OpenClCompilationTests
{
    [OpenClFact]
    public void A_program_that_does_not_compile_says_where()
    {
        using var context = new OpenClContext(OpenClDeviceInfo.All()[0], 1 << 20, cache: null);
        var problem = Assert.Throws<OpenClException>(() => context.Load(new KernelProgram().Include("hadamard.cl")));
        Assert.StartsWith($"OpenCL: {context.Info.Name} cannot compile a program (CL_BUILD_PROGRAM_FAILURE): ", problem.Message, StringComparison.Ordinal);
    }

    [OpenClFact]
    public void A_compiled_program_is_kept()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            for (var run = 0; run < 2; run++)
            {
                using var context = new OpenClContext(OpenClDeviceInfo.All()[0], 1 << 20, new KernelCache(folder.FullName));
                _ = context.Load(new KernelProgram().Include("attention_merge.cl")).Kernel("attention_merge");
                Assert.Single(folder.GetFiles());
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
