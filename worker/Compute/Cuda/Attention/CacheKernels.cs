using Cluster.Compute.Cuda.Compilation;
using Cluster.Compute.KvCache;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>The kernels of one combination of cache types, head dimension and block size; attention also of query heads and tokens of a block.</summary>
internal sealed class CacheKernels
{
    /// <summary>Lanes of a warp, eight elements each.</summary>
    private const int MostElements = 256;

    private readonly CudaContext _context;
    private readonly KvLayerFormat _format;
    private readonly int _headDim;
    private readonly int _blockTokens;
    private readonly Dictionary<(int Heads, int Tokens), CudaKernel> _attention = [];

    public CacheKernels(CudaContext context, KvLayerFormat format, int headDim, int blockTokens)
    {
        _context = context;
        _format = format;
        _headDim = headDim;
        _blockTokens = blockTokens;
        var append = context.Load(AppendProgram(format, headDim, blockTokens));
        Append = append.Kernel("rotate_append");
        RoundDeferred = append.Kernel("round_deferred");
        var rows = context.Load(RowsProgram(format, headDim, blockTokens));
        ReadKeys = rows.Kernel("read_keys");
        ReadValues = rows.Kernel("read_values");
        WriteKeys = rows.Kernel("write_keys");
        WriteValues = rows.Kernel("write_values");
    }

    public CudaKernel Append { get; }

    public CudaKernel RoundDeferred { get; }

    public CudaKernel ReadKeys { get; }

    public CudaKernel ReadValues { get; }

    public CudaKernel WriteKeys { get; }

    public CudaKernel WriteValues { get; }

    /// <exception cref="KvCacheShapeException">There are no kernels for such a cache.</exception>
    public static void Check(KvCacheShape shape)
    {
        if (shape.HeadDim % 8 != 0 || shape.HeadDim > MostElements)
            throw new KvCacheShapeException($"KV cache: heads of {shape.HeadDim} on cuda: multiples of 8 up to {MostElements} can be");
        foreach (var layer in shape.Layers)
        {
            CheckType("keys", layer.KeyType);
            CheckType("values", layer.ValueType);
        }
    }

    public static KernelProgram AppendProgram(KvLayerFormat format, int headDim, int blockTokens) =>
        Program(format, headDim, blockTokens).Include("append.cu");

    public static KernelProgram RowsProgram(KvLayerFormat format, int headDim, int blockTokens) =>
        Program(format, headDim, blockTokens).Include("rows.cu");

    /// <inheritdoc cref="Attention"/>
    public static KernelProgram AttentionProgram(KvLayerFormat format, int headDim, int blockTokens, int heads, int tokens) =>
        Program(format, headDim, blockTokens).Define("HEADS", heads).Define("TOKENS", tokens).Include("attention.cu");

    /// <summary>The kernel whose blocks have so many query heads of a KV head, of so many tokens.</summary>
    public CudaKernel Attention(int heads, int tokens)
    {
        if (_attention.TryGetValue((heads, tokens), out var kernel)) return kernel;
        return _attention[(heads, tokens)] =
            _context.Load(AttentionProgram(_format, _headDim, _blockTokens, heads, tokens)).Kernel("attention");
    }

    private static KernelProgram Program(KvLayerFormat format, int headDim, int blockTokens) => new KernelProgram()
        .Define("KEY_TYPE", Number(format.KeyType)).Define("VALUE_TYPE", Number(format.ValueType))
        .Define("HEAD_DIM", headDim).Define("BLOCK_TOKENS", blockTokens);

    private static void CheckType(string what, TensorType type)
    {
        if (Number(type) < 0) throw new KvCacheShapeException($"KV cache: {what} cannot be {KvCacheFormat.NameOf(type)} on cuda");
    }

    /// <summary>As types.cuh numbers them.</summary>
    private static int Number(TensorType type) => type switch
    {
        TensorType.F32 => 0,
        TensorType.F16 => 1,
        TensorType.BF16 => 2,
        TensorType.Q8_0 => 3,
        TensorType.Q5_1 => 4,
        TensorType.Q5_0 => 5,
        TensorType.Q4_1 => 6,
        TensorType.Q4_0 => 7,
        TensorType.IQ4_NL => 8,
        _ => -1,
    };
}
