using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Elementwise;

/// <summary>Kernels that work element by element or row by row, one launch each.</summary>
internal sealed class ElementwiseKernels
{
    public ElementwiseKernels(CudaContext context)
    {
        var module = context.Load(new KernelProgram().Include("elementwise.cu"));
        Add = module.Kernel("add");
        SwiGlu = module.Kernel("swiglu");
        SwiGluQuantize = module.Kernel("swiglu_quantize");
        GatherRows = module.Kernel("gather_rows");
        RotaryAngles = module.Kernel("rotary_angles");
        var norm = context.Load(new KernelProgram().Include("rms_norm.cu"));
        RmsNorm = norm.Kernel("rms_norm");
        RmsNormQuantize = norm.Kernel("rms_norm_quantize");
    }

    /// <summary>Columns of a row that <see cref="RmsNormQuantize"/> takes, at most.</summary>
    public const int MostNormColumns = 4 * NormFours * MostThreads;

    /// <summary>Threads of a row's norm: half a block where they do, which finds room on a busy device earlier.</summary>
    public static int NormThreads(int width) => width <= MostNormColumns / 2 ? MostThreads / 2 : MostThreads;

    private const int MostThreads = 1024;
    private const int NormFours = 4;

    public CudaKernel Add { get; }

    public CudaKernel SwiGlu { get; }

    public CudaKernel SwiGluQuantize { get; }

    public CudaKernel GatherRows { get; }

    public CudaKernel RotaryAngles { get; }

    public CudaKernel RmsNorm { get; }

    public CudaKernel RmsNormQuantize { get; }
}
