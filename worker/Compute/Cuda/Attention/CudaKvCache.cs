using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;
using Cluster.Compute.KvCache;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>
/// A cache on the device: layer after layer, block after block, in each the keys of all heads, then the values; a head's part is planes of
/// codes, fifth bits and scales (see row.cuh), of exactly the bytes that its rows have in file format.
/// </summary>
internal sealed unsafe class CudaKvCache : KvCacheShard
{
    private readonly CudaDevice _device;
    private readonly DeviceMemoryHandle _memory;
    private readonly CacheLayer[] _layers;
    private readonly CacheKernels[] _kernels;
    private readonly DeviceOutputWeights?[] _outputWeights;
    private readonly DeferredRounding? _deferred;

    /// <exception cref="KvCacheShapeException">There are no kernels for such a cache.</exception>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public CudaKvCache(CudaDevice device, KvCacheShape shape, IOutputGrams? outputGrams) : base(shape)
    {
        _device = device;
        _layers = new CacheLayer[shape.LayerCount];
        _kernels = Array.ConvertAll([.. shape.Layers], layer => device.CacheKernels(layer, shape.HeadDim, shape.BlockTokens));
        _outputWeights = new DeviceOutputWeights?[shape.LayerCount];
        _memory = device.Context.Allocate(shape.TotalBytes);
        device.Context.Clear(_memory.Address, shape.TotalBytes);
        var start = _memory.Address;
        for (var i = 0; i < _layers.Length; i++)
        {
            _layers[i] = new CacheLayer(shape, shape.Layers[i], start);
            start += (ulong)(shape.BlockCount * _layers[i].BlockBytes);
        }

        if (outputGrams is null) return;
        WeighOutput(outputGrams);
        _deferred = new DeferredRounding(device.Context, shape, _layers, _kernels, _outputWeights);
    }

    public override long Bytes => _memory.Bytes + _outputWeights.Sum(weights => weights?.Bytes ?? 0) + (_deferred?.Bytes ?? 0);

    public CacheLayer Layer(int layer) => _layers[layer];

    public CacheKernels Kernels(int layer) => _kernels[layer];

    /// <summary>What errors of a layer's values cost; 0 where that is not known.</summary>
    public ulong OutputWeights(int layer) => _outputWeights[layer]?.Table ?? 0;

    /// <summary>Rounds values of small steps when they are over; null where values are not rounded by what their errors cost.</summary>
    public DeferredRounding? Deferred => _deferred;

    public override void Dispose()
    {
        _device.Forget(this);
        _deferred?.Dispose();
        foreach (var weights in _outputWeights) weights?.Dispose();
        _memory.Dispose();
    }

    protected override void CopyBlockCore(int source, int target)
    {
        _device.Context.Enter();
        foreach (var layer in _layers) _device.Context.Copy(layer.Block(source), layer.Block(target), layer.BlockBytes);
    }

    protected override void ReadBlockRows(int layer, int kvHead, KvPart part, int block, int token, Span<byte> rows)
    {
        _device.Finish();
        var file = _device.Rows.Reserve(rows.Length);
        var kernel = part == KvPart.Keys ? _kernels[layer].ReadKeys : _kernels[layer].ReadValues;
        Launch(kernel, layer, kvHead, part, block, token, rows.Length, file);
        fixed (byte* target = rows) _device.Context.Download(file, target, rows.Length);
        _device.Context.Synchronize();
    }

    protected override void WriteBlockRows(int layer, int kvHead, KvPart part, int block, int token, ReadOnlySpan<byte> rows)
    {
        _device.Finish();
        var file = _device.Rows.Reserve(rows.Length);
        fixed (byte* source = rows) _device.Context.Upload(source, file, rows.Length);
        var kernel = part == KvPart.Keys ? _kernels[layer].WriteKeys : _kernels[layer].WriteValues;
        Launch(kernel, layer, kvHead, part, block, token, rows.Length, file);
        _device.Context.Synchronize();
    }

    private void Launch(CudaKernel kernel, int layer, int kvHead, KvPart part, int block, int token, int bytes, ulong file)
    {
        const int Warp = 32;
        var rowBytes = Shape.RowBytes(layer, part);
        var count = bytes / rowBytes;
        var warps = (long)count * ((Shape.HeadDim + Warp - 1) / Warp);
        kernel.LaunchItems(warps * Warp, new KernelArguments { _layers[layer].Region(block, kvHead, part), token, count, rowBytes, file });
    }

    private void WeighOutput(IOutputGrams grams)
    {
        for (var layer = 0; layer < Shape.LayerCount; layer++)
        {
            using var weights = LayerOutputWeights.Of(grams, Shape, layer);
            if (weights is not null) _outputWeights[layer] = new DeviceOutputWeights(_device.Context, weights.Heads, Shape.HeadDim);
        }
    }
}
