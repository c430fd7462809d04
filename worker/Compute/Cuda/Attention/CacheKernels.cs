using System.Numerics;
using Cluster.Compute.Gpu;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>The kernels of one combination of cache types, head dimension and block size; attention also of query heads and tokens of a block.</summary>
internal sealed class CacheKernels
{
    private const int WarpLanes = 32;
    private const int Warps = 4;
    private const int MostMergedBytes = 32 << 10;

    /// <summary>What registers hold a tile of.</summary>
    private const int MostTensorDim = 256;

    /// <summary>Cached tokens that a warp of decode.cu takes at once.</summary>
    public const int DecodeTile = 16;

    private const int PromptRowsOfWarp = 16;

    private readonly CudaContext _context;
    private readonly KvLayerFormat _format;
    private readonly int _headDim;
    private readonly int _blockTokens;
    private readonly Dictionary<(int Heads, int Tokens), CudaKernel> _attention = [];
    private readonly Dictionary<int, CudaKernel> _decode = [];
    private readonly Dictionary<int, CudaKernel> _prompt = [];

    public CacheKernels(CudaContext context, KvLayerFormat format, int headDim, int blockTokens)
    {
        _context = context;
        _format = format;
        _headDim = headDim;
        _blockTokens = blockTokens;
        HasPrompt = context.Info.HasHalfTiles && TakesPrompt(format, headDim);
        HasDecode = HasPrompt && TakesDecode(format, headDim, blockTokens);
        var append = context.Load(AppendProgram(format, headDim, blockTokens));
        Append = append.Kernel("rotate_append");
        RoundDeferred = append.Kernel("round_deferred");
        var rows = context.Load(RowsProgram(format, headDim, blockTokens));
        ReadKeys = rows.Kernel("read_keys");
        ReadValues = rows.Kernel("read_values");
        WriteKeys = rows.Kernel("write_keys");
        WriteValues = rows.Kernel("write_values");
    }

    /// <summary>Whether steps of one token a sequence have a kernel of their own: <see cref="Decode"/>.</summary>
    public bool HasDecode { get; }

    /// <summary>Whether steps of several tokens a sequence have a kernel on tensor cores: <see cref="Prompt"/>.</summary>
    public bool HasPrompt { get; }

    public CudaKernel Append { get; }

    public CudaKernel RoundDeferred { get; }

    public CudaKernel ReadKeys { get; }

    public CudaKernel ReadValues { get; }

    public CudaKernel WriteKeys { get; }

    public CudaKernel WriteValues { get; }

    public static KernelProgram AppendProgram(KvLayerFormat format, int headDim, int blockTokens) =>
        Program(format, headDim, blockTokens).Include("append.cu");

    public static KernelProgram RowsProgram(KvLayerFormat format, int headDim, int blockTokens) =>
        Program(format, headDim, blockTokens).Include("rows.cu");

    /// <inheritdoc cref="Attention"/>
    public static KernelProgram AttentionProgram(KvLayerFormat format, int headDim, int blockTokens, int heads, int tokens) =>
        Program(format, headDim, blockTokens).Define("HEADS", heads).Define("TOKENS", tokens)
            .Define("WARPS", AttentionWarps(headDim, heads, tokens)).Include("attention.cu");

    /// <inheritdoc cref="Decode"/>
    public static KernelProgram DecodeProgram(KvLayerFormat format, int headDim, int blockTokens, int heads) =>
        Program(format, headDim, blockTokens).Define("HEADS", heads).Define("WARPS", AttentionWarps(headDim, heads, 1)).Include("decode.cu");

    /// <summary>Whether decode.cu does for a cache: f16 holds its elements or levels, heads are whole blocks, and a tile's tokens are of one block.</summary>
    public static bool TakesDecode(KvLayerFormat format, int headDim, int blockTokens) => TakesPrompt(format, headDim) && blockTokens % DecodeTile == 0;

    /// <inheritdoc cref="Prompt"/>
    public static KernelProgram PromptProgram(KvLayerFormat format, int headDim, int blockTokens, int heads) =>
        Program(format, headDim, blockTokens).Define("HEADS", heads).Define("TOKENS", PromptRows(headDim) / heads).Define("WARPS", PromptWarps(headDim))
            .Include("prompt.cu");

    /// <summary>Whether prompt.cu does for a cache: f16 holds its elements or levels, and heads are whole blocks.</summary>
    public static bool TakesPrompt(KvLayerFormat format, int headDim) =>
        IsOfHalves(format.KeyType) && IsOfHalves(format.ValueType) && headDim % WarpLanes == 0 && headDim <= MostTensorDim;

    /// <summary>Query rows of a block of prompt.cu: as many as shared memory has room for the sums of.</summary>
    public static int PromptRows(int headDim) => headDim <= 128 ? 64 : 32;

    public static int PromptWarps(int headDim) => PromptRows(headDim) / PromptRowsOfWarp;

    /// <summary>Cached tokens that a block of prompt.cu takes at once: TILE there.</summary>
    public static int PromptTile(int headDim) => headDim <= 128 ? 64 : 32;

    /// <summary>Warps of a block that has so many rows: twice as many for one token, as far as their sums fit beside each other.</summary>
    public static int AttentionWarps(int headDim, int heads, int tokens) =>
        tokens == 1 && 2 * Warps * heads * headDim * sizeof(float) <= MostMergedBytes ? 2 * Warps : Warps;

    /// <summary>Cached tokens that a warp asks for at once: BATCH · GROUPS in attention.cu.</summary>
    public static int AttentionStep(int headDim)
    {
        var lanes = (int)BitOperations.RoundUpToPowerOf2((uint)(headDim + 7) / 8);
        return Math.Min(WarpLanes, WarpLanes / lanes * Math.Min(lanes, 4));
    }

    /// <summary>The kernel whose blocks have so many query heads of a KV head, of so many tokens.</summary>
    public CudaKernel Attention(int heads, int tokens)
    {
        if (_attention.TryGetValue((heads, tokens), out var kernel)) return kernel;
        return _attention[(heads, tokens)] =
            _context.Load(AttentionProgram(_format, _headDim, _blockTokens, heads, tokens)).Kernel("attention");
    }

    /// <summary>The kernel of steps of one token a sequence, whose blocks have so many query heads of a KV head; it rotates and appends as well.</summary>
    public CudaKernel Decode(int heads)
    {
        if (_decode.TryGetValue(heads, out var kernel)) return kernel;
        return _decode[heads] = _context.Load(DecodeProgram(_format, _headDim, _blockTokens, heads)).Kernel("decode_attention");
    }

    /// <summary>The kernel of steps of several tokens a sequence, whose blocks have so many query heads of a KV head.</summary>
    public CudaKernel Prompt(int heads)
    {
        if (_prompt.TryGetValue(heads, out var kernel)) return kernel;
        return _prompt[heads] = _context.Load(PromptProgram(_format, _headDim, _blockTokens, heads)).Kernel("prompt_attention");
    }

    private static bool IsOfHalves(TensorType type) => type is not (TensorType.F32 or TensorType.BF16);

    private static KernelProgram Program(KvLayerFormat format, int headDim, int blockTokens) => new KernelProgram()
        .Define("KEY_TYPE", CacheTypes.Number(format.KeyType)).Define("VALUE_TYPE", CacheTypes.Number(format.ValueType))
        .Define("HEAD_DIM", headDim).Define("BLOCK_TOKENS", blockTokens);
}
