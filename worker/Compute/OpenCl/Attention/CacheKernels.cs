using Cluster.Compute.Gpu;
using Cluster.Compute.KvCache;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.OpenCl.Attention;

/// <summary>The kernels of caches: appending of one type, attention of two, each of a head dimension and a block size.</summary>
internal sealed class CacheKernels(OpenClContext context)
{
    private readonly Dictionary<(TensorType, int, int), (OpenClKernel, OpenClKernel?)> _append = [];
    private readonly Dictionary<(TensorType, TensorType, int, int, int), OpenClKernel> _attention = [];

    public OpenClKernel Rotate { get; } = context.Load(new KernelProgram().Include("rotate.cl")).Kernel("rotate_heads");

    public OpenClKernel Merge { get; } = context.Load(new KernelProgram().Include("attention_merge.cl")).Kernel("attention_merge");

    /// <summary>Appends rows of a type, each element to its nearest code; and by what errors cost, where the type's codes are that few.</summary>
    public (OpenClKernel Nearest, OpenClKernel? Weighted) Append(TensorType type, KvCacheShape shape)
    {
        if (_append.TryGetValue((type, shape.HeadDim, shape.BlockTokens), out var kernels)) return kernels;
        var program = context.Load(Program(shape).Define("ROW_TYPE", CacheTypes.Number(type)).Include("append.cl"));
        kernels = (program.Kernel("append"), Cpu.Cache.RowQuantizer.Rounds(type) ? program.Kernel("append_weighted") : null);
        return _append[(type, shape.HeadDim, shape.BlockTokens)] = kernels;
    }

    /// <summary>The kernel whose work-groups have so many query rows.</summary>
    public OpenClKernel Attention(KvLayerFormat format, KvCacheShape shape, int rows)
    {
        var key = (format.KeyType, format.ValueType, shape.HeadDim, shape.BlockTokens, rows);
        if (_attention.TryGetValue(key, out var kernel)) return kernel;
        var program = Program(shape).Define("KEY_TYPE", CacheTypes.Number(format.KeyType)).Define("VALUE_TYPE", CacheTypes.Number(format.ValueType)).Define("ROWS", rows);
        return _attention[key] = context.Load(program.Include("attention.cl")).Kernel("attention");
    }

    private static KernelProgram Program(KvCacheShape shape) =>
        new KernelProgram().Define("HEAD_DIM", shape.HeadDim).Define("BLOCK_TOKENS", shape.BlockTokens);
}
