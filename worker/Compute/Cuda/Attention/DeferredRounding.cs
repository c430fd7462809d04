using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>
/// Values of steps of few tokens, which are rounded by the output's weights for all layers at once when the step is over: one row's codes are
/// chosen one after the other, which a step would wait for in every layer. Until then the cache has them rounded briefly, which only the step itself reads.
/// </summary>
internal sealed unsafe class DeferredRounding : IDisposable
{
    /// <summary>The largest step; larger ones fill the device with rows of one layer.</summary>
    public const int MostTokens = 16;

    private const int Threads = 128;
    private const int Warp = 32;

    private readonly DeviceMemoryHandle _memory;
    private readonly KvCacheShape _shape;
    private readonly long _layerBytes;
    private readonly (CudaKernel Kernel, ulong Layers, int Count)[] _launches;

    /// <param name="context">The device.</param>
    /// <param name="shape">The cache's.</param>
    /// <param name="layers">Its layers, as they are on the device.</param>
    /// <param name="kernels">Of each.</param>
    /// <param name="weights">Of each; null where values are not rounded by them.</param>
    public DeferredRounding(CudaContext context, KvCacheShape shape, CacheLayer[] layers, CacheKernels[] kernels, DeviceOutputWeights?[] weights)
    {
        _shape = shape;
        _layerBytes = (long)MostTokens * shape.KvHeadCount * shape.HeadDim * sizeof(float);
        _memory = context.Allocate(shape.LayerCount * (_layerBytes + sizeof(DeferredLayer)));
        var table = new List<DeferredLayer>();
        var launches = new List<(CudaKernel, ulong, int)>();
        foreach (var group in Enumerable.Range(0, shape.LayerCount).Where(layer => weights[layer] is not null).GroupBy(layer => kernels[layer]))
        {
            launches.Add((group.Key.RoundDeferred, Table + (ulong)(table.Count * sizeof(DeferredLayer)), group.Count()));
            foreach (var layer in group) table.Add(new DeferredLayer(layers[layer], weights[layer]!.Table, Rows(layer)));
        }

        _launches = [.. launches];
        fixed (DeferredLayer* source = table.ToArray()) context.Upload(source, Table, (long)table.Count * sizeof(DeferredLayer));
        context.Synchronize();
    }

    public long Bytes => _memory.Bytes;

    private ulong Table => _memory.Address + (ulong)(_shape.LayerCount * _layerBytes);

    /// <summary>Where a layer's values of the step go.</summary>
    public ulong Rows(int layer) => _memory.Address + (ulong)(layer * _layerBytes);

    /// <summary>Rounds what the step appended.</summary>
    public void Run(StepTokens step, int tokens)
    {
        var blocks = (tokens * _shape.KvHeadCount * Warp + Threads - 1) / Threads;
        var rowsBytes = (long)tokens * _shape.KvHeadCount * _shape.HeadDim * sizeof(float);
        foreach (var (kernel, layers, count) in _launches)
        {
            kernel.Launch(
                blocks, count, 1, Threads, new KernelArguments { layers, tokens, _shape.KvHeadCount, step },
                new KernelWork(StepPart.Attention, count * rowsBytes, 0));
        }
    }

    public void Dispose() => _memory.Dispose();
}
