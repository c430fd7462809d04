using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>The kernels of exchange.cu.</summary>
internal sealed class ExchangeKernels
{
    /// <summary>Compute capability from which they compile.</summary>
    public const int OldestArchitecture = 70;

    /// <summary>Few, as a thread waits for what the same threads of other ranks store: any device has room for all at once.</summary>
    private const int MostBlocks = 64;

    public ExchangeKernels(CudaContext context)
    {
        var module = context.Load(new KernelProgram().Include("exchange.cu"));
        Exchange = module.Kernel("exchange");
        ExchangeMany = module.Kernel("exchange_many");
        ExchangeEnd = module.Kernel("exchange_end");
    }

    public CudaKernel Exchange { get; }

    public CudaKernel ExchangeMany { get; }

    public CudaKernel ExchangeEnd { get; }

    /// <summary>Blocks for so many values.</summary>
    public static int Blocks(int count) => Math.Min(MostBlocks, (count + CudaKernel.Threads - 1) / CudaKernel.Threads);
}
