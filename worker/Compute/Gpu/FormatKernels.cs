using Cluster.Model.Formats;

namespace Cluster.Compute.Gpu;

/// <summary>The kernels of weight formats, each compiled when it is first asked for.</summary>
/// <param name="compile">Compiles those of one.</param>
internal sealed class FormatKernels<TKernels>(Func<TensorType, TKernels> compile)
{
    private readonly Dictionary<TensorType, TKernels> _known = [];

    /// <exception cref="UnsupportedTensorTypeException">There is no such format.</exception>
    public TKernels Of(TensorType type)
    {
        if (!TensorTraits.TryGet(type, out _)) throw new UnsupportedTensorTypeException(type);
        if (!_known.TryGetValue(type, out var kernels)) _known[type] = kernels = compile(type);
        return kernels;
    }
}
