using Cluster.Compute.Gpu;

namespace Cluster.Compute.OpenCl.Elementwise;

/// <summary>Kernels that work element by element or row by row.</summary>
internal sealed class ElementwiseKernels
{
    /// <summary>NORM_ITEMS in elementwise.cl.</summary>
    public const int NormItems = 256;

    public ElementwiseKernels(OpenClContext context)
    {
        var program = context.Load(new KernelProgram().Include("elementwise.cl"));
        Add = program.Kernel("add");
        SwiGlu = program.Kernel("swiglu");
        GatherRows = program.Kernel("gather_rows");
        RmsNorm = program.Kernel("rms_norm");
        Quantize = program.Kernel("quantize");
    }

    public OpenClKernel Add { get; }

    public OpenClKernel SwiGlu { get; }

    public OpenClKernel GatherRows { get; }

    public OpenClKernel RmsNorm { get; }

    public OpenClKernel Quantize { get; }
}
