using Cluster.Compute.Gpu;
using Cluster.Compute.KvCache;
using Cluster.Compute.OpenCl.Memory;
using Cluster.Model.KvCache;

namespace Cluster.Compute.OpenCl.Attention;

/// <summary>
/// A cache on the device: for each layer the keys, then the values, block after block, in each head after head; a head's part is planes of
/// codes, fifth bits and scales (see row_layout.cl), of exactly the bytes that its rows have in file format.
/// </summary>
internal sealed class OpenClKvCache : KvCacheShard
{
    private readonly OpenClContext _context;
    private readonly OpenClMemory[] _keys;
    private readonly OpenClMemory[] _values;
    private readonly OpenClMemory?[] _outputWeights;

    /// <exception cref="OutOfMemoryException">The device has no room for it.</exception>
    public OpenClKvCache(OpenClContext context, KvCacheShape shape, IOutputGrams? outputGrams) : base(shape)
    {
        _context = context;
        (_keys, _values, _outputWeights) = (new OpenClMemory[shape.LayerCount], new OpenClMemory[shape.LayerCount], new OpenClMemory?[shape.LayerCount]);
        try
        {
            for (var layer = 0; layer < shape.LayerCount; layer++)
            {
                _keys[layer] = Zeros(layer, KvPart.Keys);
                _values[layer] = Zeros(layer, KvPart.Values);
            }

            if (outputGrams is not null) WeighOutput(outputGrams);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long Bytes => Shape.TotalBytes + _outputWeights.Sum(weights => weights?.Bytes ?? 0);

    public OpenClMemory Keys(int layer) => _keys[layer];

    public OpenClMemory Values(int layer) => _values[layer];

    /// <summary>
    /// What errors of a layer's values cost, head after head: Gram matrix, feedback, inverse diagonal of <see cref="Cpu.Cache.Rounding.OutputWeights"/>; null where
    /// that is not known.
    /// </summary>
    public OpenClMemory? OutputWeights(int layer) => _outputWeights[layer];

    public override void Dispose()
    {
        foreach (var memory in _keys.Concat(_values).Concat(_outputWeights)) memory?.Dispose();
    }

    protected override void CopyBlockCore(int source, int target)
    {
        for (var layer = 0; layer < Shape.LayerCount; layer++)
        {
            Copy(_keys[layer]);
            Copy(_values[layer]);
        }

        void Copy(OpenClMemory memory)
        {
            var bytes = memory.Bytes / Shape.BlockCount;
            _context.Copy(memory, source * bytes, target * bytes, bytes);
        }
    }

    protected override void ReadBlockRows(int layer, int kvHead, KvPart part, int block, int token, Span<byte> rows) =>
        Rows(layer, kvHead, part, block).Read(token, rows);

    protected override void WriteBlockRows(int layer, int kvHead, KvPart part, int block, int token, ReadOnlySpan<byte> rows) =>
        Rows(layer, kvHead, part, block).Write(token, rows);

    private CacheRows Rows(int layer, int kvHead, KvPart part, int block)
    {
        var (isKeys, format) = (part == KvPart.Keys, Shape.Layers[layer]);
        var region = ((long)block * Shape.KvHeadCount + kvHead) * Shape.BlockTokens * Shape.RowBytes(layer, part);
        return new CacheRows(
            _context, isKeys ? _keys[layer] : _values[layer], region, isKeys ? format.KeyType : format.ValueType, Shape.HeadDim, Shape.BlockTokens);
    }

    private OpenClMemory Zeros(int layer, KvPart part)
    {
        var memory = _context.Allocate((long)Shape.BlockCount * Shape.BlockTokens * Shape.KvHeadCount * Shape.RowBytes(layer, part));
        _context.Clear(memory, 0, memory.Bytes);
        return memory;
    }

    private void WeighOutput(IOutputGrams grams)
    {
        var square = Shape.HeadDim * Shape.HeadDim;
        for (var layer = 0; layer < Shape.LayerCount; layer++)
        {
            using var weights = LayerOutputWeights.Of(grams, Shape, layer);
            if (weights is null) continue;
            var all = new float[Shape.KvHeadCount * (2 * square + Shape.HeadDim)];
            var rest = all.AsSpan();
            foreach (var head in weights.Heads)
            {
                head.Gram.CopyTo(rest);
                head.Feedback.CopyTo(rest[square..]);
                head.InverseDiagonal.CopyTo(rest[(2 * square)..]);
                rest = rest[(2 * square + Shape.HeadDim)..];
            }

            var memory = _outputWeights[layer] = _context.Allocate((long)all.Length * sizeof(float));
            _context.Upload<float>(all, memory);
        }
    }
}
