using Cluster.Compute.Gpu;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>The kernels of one weight format.</summary>
internal sealed class WeightKernels
{
    /// <summary>Tokens that the products of one launch can have; a launch of fewer leaves some idle.</summary>
    private static readonly int[] s_tokens = [1, 2, 4, 8];

    private readonly CudaKernel[] _matrixVector;

    public WeightKernels(CudaContext context, TensorType type)
    {
        Type = type;
        var module = context.Load(ProgramOf(type));
        var format = NameOf(type);
        _matrixVector = Array.ConvertAll(s_tokens, tokens => module.Kernel($"matrix_vector_{tokens}", format));
        Repack = module.Kernel("repack", format);
        Dequantize = module.Kernel("dequantize", format);
        Embed = module.Kernel("embed", format);
    }

    /// <summary>The most tokens of a launch.</summary>
    public const int MostTokens = 8;

    public TensorType Type { get; }

    /// <summary>Whether weights are plain numbers, which are multiplied with f32 activations.</summary>
    public bool IsPlain => IsPlainType(Type);

    public CudaKernel Repack { get; }

    public CudaKernel Dequantize { get; }

    public CudaKernel Embed { get; }

    public static bool IsPlainType(TensorType type) => !TensorTraits.Get(type).IsQuantized;

    public static KernelProgram ProgramOf(TensorType type)
    {
        var program = IsPlainType(type) ? new KernelProgram().Include("common.cuh").Include(FileOf(type)).Include("element_matrix.cuh") : BlockProgramOf(type);
        foreach (var tokens in s_tokens)
            program.Define("TOKENS", tokens).Include(IsPlainType(type) ? "element_vector.cuh" : "matrix_vector.cuh").Undefine("TOKENS");
        if (IsPlainType(type)) program.Include("element_rows.cu");
        else program.Include("repack.cu").Include("dequantize.cu");
        return program.Include("embed.cu");
    }

    /// <summary>What every program of a block format begins with: its blocks and their products.</summary>
    public static KernelProgram BlockProgramOf(TensorType type) =>
        new KernelProgram().Include("common.cuh").Include("scales.cuh").Include(FileOf(type)).Include("block.cuh")
            .Include("block_product.cuh").Include("matrix_group.cuh");

    /// <summary>The kernel for up to <paramref name="tokens"/> tokens.</summary>
    public CudaKernel MatrixVector(int tokens)
    {
        for (var i = 0; i < s_tokens.Length; i++)
        {
            if (tokens <= s_tokens[i]) return _matrixVector[i];
        }

        throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"more than {MostTokens}");
    }

    /// <summary>As its file and kernels are called.</summary>
    public static string NameOf(TensorType type) => type.ToString().ToLowerInvariant();

    private static string FileOf(TensorType type) => NameOf(type) + ".cuh";
}
