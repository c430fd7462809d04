using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Architecture;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Operations;

/// <summary>
/// Runs attention steps on a device and on the reference side by side. Sequences get blocks scattered over the pool, as a server's do.
/// The reference takes over the device's rotated queries and cached rows, so that what is compared is attention over the cache alone.
/// </summary>
internal sealed class AttentionRig : IDisposable
{
    private readonly IDevice _device;
    private readonly AttentionShape _shape;
    private readonly RotaryTable _rotary;
    private readonly KvCacheShard _cache;
    private readonly ReferenceKvCache _reference;
    private readonly StepBatch _batch = new();
    private readonly Queue<int> _freeBlocks;
    private readonly Dictionary<int, (List<int> Blocks, int Length)> _sequences = [];
    private int _seed;

    /// <summary>A cache of two layers of one format, of which the second is used.</summary>
    public AttentionRig(IDevice device, AttentionShape shape, KvLayerFormat format, int blockTokens = 32, int blockCount = 40)
        : this(device, shape, format.Repeat(2), blockTokens, blockCount)
    {
    }

    public AttentionRig(IDevice device, AttentionShape shape, IReadOnlyList<KvLayerFormat> formats, int blockTokens = 32, int blockCount = 40)
    {
        _device = device;
        _shape = shape;
        _rotary = new RotaryTable(Frequencies(shape.HeadDim / 2), RopeStyle.HalfSplit, 1);
        var cacheShape = new KvCacheShape
        {
            Layers = [.. formats],
            KvHeadCount = shape.KvHeadCount,
            HeadDim = shape.HeadDim,
            BlockTokens = blockTokens,
            BlockCount = blockCount,
        };
        _cache = _device.CreateKvCache(cacheShape);
        Assert.Equal(cacheShape.TotalBytes, _cache.Bytes);
        _reference = new ReferenceKvCache(cacheShape);
        var blocks = Enumerable.Range(0, blockCount).ToArray();
        new Random(7).Shuffle(blocks);
        _freeBlocks = new Queue<int>(blocks);
    }

    public static AttentionShape Shape(int heads, int kvHeads, int headDim) => new(heads, kvHeads, headDim, 1 / MathF.Sqrt(headDim));

    /// <summary>Runs a step of some sequences' next tokens; returns the normalized mean-square error of the outputs.</summary>
    public double Step(params (int Sequence, int Tokens)[] work)
    {
        Begin(work);
        return StepLayer(_cache.Shape.LayerCount - 1);
    }

    /// <summary>The same step in every layer, each with rows of its own; one error a layer.</summary>
    public double[] StepAllLayers(params (int Sequence, int Tokens)[] work)
    {
        Begin(work);
        return [.. Enumerable.Range(0, _cache.Shape.LayerCount).Select(StepLayer)];
    }

    /// <summary>Runs a step with given rows and returns the device's outputs.</summary>
    public float[] Step(float[] qkv, params (int Sequence, int Tokens)[] work)
    {
        Begin(work);
        return Run(qkv, _cache.Shape.LayerCount - 1, out _);
    }

    /// <summary>Forgets a sequence; its blocks are the next to be used, with what it left in them.</summary>
    public void End(int sequence)
    {
        var blocks = _sequences[sequence].Blocks.Concat(_freeBlocks).ToArray();
        _freeBlocks.Clear();
        foreach (var block in blocks) _freeBlocks.Enqueue(block);
        _sequences.Remove(sequence);
    }

    public void Dispose() => _cache.Dispose();

    private static float[] Frequencies(int pairs)
    {
        var frequencies = new float[pairs];
        for (var i = 0; i < pairs; i++) frequencies[i] = MathF.Pow(10_000, -(float)i / pairs);
        return frequencies;
    }

    private double StepLayer(int layer)
    {
        var qkv = RandomValues.Normal(++_seed, _batch.TokenCount * _shape.QkvWidth, 1.5f);
        return Compare(qkv, Run(qkv, layer, out var rotated), rotated, layer);
    }

    private void Begin((int Sequence, int Tokens)[] work)
    {
        _batch.Clear();
        foreach (var (id, tokens) in work)
        {
            var (blocks, length) = _sequences.GetValueOrDefault(id, ([], 0));
            while (blocks.Count * _reference.Shape.BlockTokens < length + tokens) blocks.Add(_freeBlocks.Dequeue());
            _batch.Sequences.Add(new SequenceSpan(_batch.TokenCount, tokens, length, _batch.BlockTable.Count, blocks.Count));
            foreach (var block in blocks) _batch.BlockTable.Add(block);
            for (var i = 0; i < tokens; i++)
            {
                _batch.TokenIds.Add(i);
                _batch.Positions.Add(length + i);
            }

            _sequences[id] = (blocks, length + tokens);
        }
    }

    /// <summary>Writes heads between other columns, which must stay as they are.</summary>
    private float[] Run(float[] qkv, int layer, out float[] rotated)
    {
        const int Before = 3, After = 5;
        var width = _shape.HeadCount * _shape.HeadDim;
        var outputWidth = Before + width + After;
        var rest = RandomValues.Normal(99, _batch.TokenCount * outputWidth);
        using var input = _device.Buffer(qkv);
        using var again = _device.Buffer(qkv);
        using var output = _device.Buffer(rest);
        _device.BeginStep(_batch, _rotary);
        _device.RotateAndAppend(input, _shape, _cache, layer);
        _device.Attention(input, _shape, _cache, layer, output, outputWidth, Before);

        // Attention may rotate the queries only on their way in.
        _device.RotateAndAppend(again, _shape, _cache, layer);
        _device.Synchronize();
        rotated = again.ToArray();

        var rows = output.ToArray();
        var heads = new float[_batch.TokenCount * width];
        for (var t = 0; t < _batch.TokenCount; t++)
        {
            var row = rows.AsSpan(t * outputWidth, outputWidth);
            row.Slice(Before, width).CopyTo(heads.AsSpan(t * width));
            Assert.Equal(rest.AsSpan(t * outputWidth, Before), row[..Before]);
            Assert.Equal(rest.AsSpan(t * outputWidth + Before + width, After), row[(Before + width)..]);
        }

        return heads;
    }

    private double Compare(float[] qkv, float[] actual, float[] rotated, int layer)
    {
        var expectedRows = (float[])qkv.Clone();
        ReferenceAttention.Rotate(expectedRows, _shape, _batch, _rotary, _reference.Shape.Layers[layer]);
        Assert.InRange(Difference.Largest(expectedRows, rotated), 0, 1e-6);
        TakeCachedRows(layer);
        return Difference.NormalizedMeanSquare(ReferenceAttention.Attend(rotated, _shape, _batch, _reference, layer), actual);
    }

    private void TakeCachedRows(int layer)
    {
        var key = new byte[_cache.Shape.RowBytes(layer, KvPart.Keys)];
        var value = new byte[_cache.Shape.RowBytes(layer, KvPart.Values)];
        foreach (var sequence in _batch.Sequences.Span)
        {
            var table = _batch.BlockTable.Span.Slice(sequence.FirstBlock, sequence.BlockCount);
            for (var position = sequence.StartPosition; position < sequence.StartPosition + sequence.TokenCount; position++)
            {
                var (block, slot) = ReferenceAttention.Place(_batch, sequence, position, _reference);
                for (var head = 0; head < _shape.KvHeadCount; head++)
                {
                    _cache.ReadRows(layer, head, KvPart.Keys, table, position, 1, key);
                    _cache.ReadRows(layer, head, KvPart.Values, table, position, 1, value);
                    _reference.Store(layer, block, slot, head, key, value);
                }
            }
        }
    }
}
