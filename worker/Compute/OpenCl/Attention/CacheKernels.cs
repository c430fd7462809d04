using Cluster.Compute.Cuda.Compilation;
using Cluster.Compute.KvCache;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.OpenCl.Attention;

/// <summary>The kernels of caches: appending of one type, attention of two, each of a head dimension and a block size.</summary>
internal sealed class CacheKernels(OpenClContext context)
{
    /// <summary>MOST_ELEMENTS in hadamard.cl.</summary>
    private const int MostElements = 256;

    private readonly Dictionary<(TensorType, int, int), (OpenClKernel, OpenClKernel?)> _append = [];
    private readonly Dictionary<(TensorType, TensorType, int, int, int), OpenClKernel> _attention = [];

    public OpenClKernel Rotate { get; } = context.Load(new KernelProgram().Include("rotate.cl")).Kernel("rotate_heads");

    public OpenClKernel Merge { get; } = context.Load(new KernelProgram().Include("attention_merge.cl")).Kernel("attention_merge");

    /// <exception cref="KvCacheShapeException">There are no kernels for such a cache.</exception>
    public static void Check(KvCacheShape shape)
    {
        if (shape.HeadDim % 8 != 0 || shape.HeadDim > MostElements)
            throw new KvCacheShapeException($"KV cache: heads of {shape.HeadDim} on opencl: multiples of 8 up to {MostElements} can be");
        foreach (var layer in shape.Layers)
        {
            CheckType("keys", layer.KeyType);
            CheckType("values", layer.ValueType);
        }
    }

    /// <summary>Appends rows of a type, each element to its nearest code; and by what errors cost, where the type's codes are that few.</summary>
    public (OpenClKernel Nearest, OpenClKernel? Weighted) Append(TensorType type, KvCacheShape shape)
    {
        if (_append.TryGetValue((type, shape.HeadDim, shape.BlockTokens), out var kernels)) return kernels;
        var program = context.Load(Program(shape).Define("ROW_TYPE", Number(type)).Include("append.cl"));
        kernels = (program.Kernel("append"), Cpu.Cache.RowQuantizer.Rounds(type) ? program.Kernel("append_weighted") : null);
        return _append[(type, shape.HeadDim, shape.BlockTokens)] = kernels;
    }

    /// <summary>The kernel whose work-groups have so many query rows.</summary>
    public OpenClKernel Attention(KvLayerFormat format, KvCacheShape shape, int rows)
    {
        var key = (format.KeyType, format.ValueType, shape.HeadDim, shape.BlockTokens, rows);
        if (_attention.TryGetValue(key, out var kernel)) return kernel;
        var program = Program(shape).Define("KEY_TYPE", Number(format.KeyType)).Define("VALUE_TYPE", Number(format.ValueType)).Define("ROWS", rows);
        return _attention[key] = context.Load(program.Include("attention.cl")).Kernel("attention");
    }

    private static KernelProgram Program(KvCacheShape shape) =>
        new KernelProgram().Define("HEAD_DIM", shape.HeadDim).Define("BLOCK_TOKENS", shape.BlockTokens);

    private static void CheckType(string what, TensorType type)
    {
        if (Number(type) < 0) throw new KvCacheShapeException($"KV cache: {what} cannot be {KvCacheFormat.NameOf(type)} on opencl");
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
