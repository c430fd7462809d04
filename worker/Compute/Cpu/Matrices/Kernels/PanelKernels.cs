using Cluster.Compute.Cpu.Matrices.Formats;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>The kernels of every format for one instruction set. They have no state, and cost nothing until they are first run.</summary>
internal sealed class PanelKernels
{
    private readonly PanelKernel?[] _byType = new PanelKernel?[64];
    private readonly PanelKernel?[] _rowParallelByType = new PanelKernel?[64];

    private PanelKernels()
    {
    }

    /// <exception cref="PlatformNotSupportedException">This processor does not have <paramref name="isa"/>.</exception>
    public static PanelKernels For(CpuIsa isa)
    {
        if (!isa.IsSupported) throw new PlatformNotSupportedException($"This processor has no {isa.Name}.");
        return isa switch
        {
            CpuIsa.Avx512 => Create<Avx512Isa, System.Runtime.Intrinsics.Vector512<byte>>(),
            CpuIsa.Avx2 => Create<Avx2Isa, Vector256Pair>(),
            CpuIsa.AdvSimd => Create<AdvSimdIsa, Vector128Quad>(),
            _ => Create<PortableIsa, Vector128Quad>(),
        };
    }

    /// <exception cref="UnsupportedTensorTypeException">No kernel for the type.</exception>
    public PanelKernel Get(TensorType type) => Get(_byType, type);

    /// <summary>What multiplies a row-parallel matrix, whose sums are to be the same however its columns are cut.</summary>
    /// <exception cref="UnsupportedTensorTypeException">No kernel for the type.</exception>
    public PanelKernel GetRowParallel(TensorType type) => Get(_rowParallelByType, type);

    private static PanelKernel Get(PanelKernel?[] byType, TensorType type) =>
        ((uint)type < (uint)byType.Length ? byType[(uint)type] : null) ?? throw new UnsupportedTensorTypeException(type);

    private static PanelKernels Create<TIsa, TVector>()
        where TIsa : IPanelIsa<TVector>
        where TVector : struct
    {
        var kernels = new PanelKernels();
        kernels.AddElements<TIsa, TVector, F32Format<TIsa, TVector>>(TensorType.F32);
        kernels.AddElements<TIsa, TVector, F16Format<TIsa, TVector>>(TensorType.F16);
        kernels.AddElements<TIsa, TVector, BF16Format<TIsa, TVector>>(TensorType.BF16);
        kernels.Add(TensorType.Q4_0, new QuantizedKernel<TIsa, TVector, Q4_0Format<TIsa, TVector>>());
        kernels.Add(TensorType.Q4_1, new QuantizedKernel<TIsa, TVector, Q4_1Format<TIsa, TVector>>());
        kernels.Add(TensorType.Q5_0, new QuantizedKernel<TIsa, TVector, Q5_0Format<TIsa, TVector>>());
        kernels.Add(TensorType.Q5_1, new QuantizedKernel<TIsa, TVector, Q5_1Format<TIsa, TVector>>());
        kernels.Add(TensorType.Q8_0, new QuantizedKernel<TIsa, TVector, Q8_0Format<TIsa, TVector>>());
        kernels.Add(TensorType.IQ4_NL, new QuantizedKernel<TIsa, TVector, IQ4_NLFormat<TIsa, TVector>>());
        kernels.Add(TensorType.Q4_K, new QuantizedKernel<TIsa, TVector, Q4_KFormat<TIsa, TVector>>());
        kernels.Add(TensorType.Q5_K, new QuantizedKernel<TIsa, TVector, Q5_KFormat<TIsa, TVector>>());
        kernels.Add(TensorType.Q6_K, new QuantizedKernel<TIsa, TVector, Q6_KFormat<TIsa, TVector>>());
        return kernels;
    }

    private void Add(TensorType type, PanelKernel kernel) => _byType[(int)type] = _rowParallelByType[(int)type] = kernel;

    private void AddElements<TIsa, TVector, TFormat>(TensorType type)
        where TIsa : IPanelIsa<TVector>
        where TVector : struct
        where TFormat : IElementFormat<TIsa, TVector>
    {
        _byType[(int)type] = new ElementKernel<TIsa, TVector, TFormat, PlainSum<TIsa, TVector>>();
        _rowParallelByType[(int)type] = new ElementKernel<TIsa, TVector, TFormat, GridSum<TIsa, TVector>>();
    }
}
