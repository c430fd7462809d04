using Cluster.Compute.Gpu;
using Cluster.Model.Formats;

namespace Cluster.Compute.OpenCl.Matrices;

/// <summary>The kernels of one weight format.</summary>
internal sealed class WeightKernels
{
    /// <summary>The most tokens of <see cref="MatrixVector"/>: MOST_TOKENS in element_vector.cl.</summary>
    public const int MostTokens = 8;

    private readonly OpenClKernel _one;
    private readonly OpenClKernel _several;

    public WeightKernels(OpenClContext context, TensorType type)
    {
        Type = type;
        var program = context.Load(ProgramOf(type));
        var format = NameOf(type);
        _one = program.Kernel(IsPlain ? "matrix_vector" : "matrix_vector_1", format);
        _several = IsPlain ? _one : program.Kernel($"matrix_vector_{MostTokens}", format);
        Product = program.Kernel("matrix_product", format);
        Embed = program.Kernel("embed", format);
        if (!IsPlain) Repack = program.Kernel("repack", format);
    }

    public TensorType Type { get; }

    /// <summary>Whether weights are plain numbers, which are multiplied with f32 activations.</summary>
    public bool IsPlain => !TensorTraits.Get(Type).IsQuantized;

    /// <summary>From file order to planes; null for plain formats.</summary>
    public OpenClKernel? Repack { get; }

    /// <summary>Of any number of tokens.</summary>
    public OpenClKernel Product { get; }

    public OpenClKernel Embed { get; }

    /// <summary>Of quantized activations, or of f32 for plain formats.</summary>
    public OpenClKernel MatrixVector(int tokens) => tokens == 1 ? _one : _several;

    private static KernelProgram ProgramOf(TensorType type)
    {
        var format = NameOf(type) + ".cuh";
        var program = new KernelProgram().Include("prelude.cl").Include("activations.cl").Include("scales.cuh").Include(format);
        if (TensorTraits.Get(type).IsQuantized)
        {
            program.Include("block_planes.cl").Include("repack.cu");
            foreach (var tokens in (ReadOnlySpan<int>)[1, MostTokens]) program.Define("TOKENS", tokens).Include("block_vector.cl").Undefine("TOKENS");
        }
        else
        {
            program.Include("element_planes.cl").Include("element_vector.cl");
        }

        return program.Include("matrix_product.cl").Include("embed.cu");
    }

    /// <summary>As its file and kernels are called.</summary>
    private static string NameOf(TensorType type) => type.ToString().ToLowerInvariant();
}
