using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>Rotates a step's queries and keys and writes keys and values to the cache; shared out by group of the cache and KV head.</summary>
internal sealed unsafe class RotateAppendTask(ThreadTeam team, StepState step, RotaryAngles angles) : TeamTask
{
    /// <summary>Elements below which waking the team costs more than it saves.</summary>
    private const int InlineElements = 4096;

    /// <summary>Values of one head that are rounded side by side; more gain little.</summary>
    private const int ValuesAtOnce = 4;

    private float* _qkv;
    private AttentionShape? _shape;
    private CpuKvLayer? _cache;

    public void Run(float* qkv, AttentionShape shape, CpuKvLayer cache)
    {
        _qkv = qkv;
        _shape = shape;
        _cache = cache;
        if (step.TokenCount * shape.QkvWidth <= InlineElements) Execute(0, 1);
        else team.Run(this);
    }

    public override void Execute(int thread, int threads)
    {
        // All of a head's runs, then the next head's.
        var (item, end) = TeamShare.Of(step.Runs.Count * _shape!.KvHeadCount, thread, threads);
        while (item < end)
        {
            var kvHead = item / step.Runs.Count;
            var first = item - kvHead * step.Runs.Count;
            var count = Math.Min(end - item, step.Runs.Count - first);
            RotateAndAppend(kvHead, step.Runs.Span.Slice(first, count));
            item += count;
        }
    }

    private void RotateAndAppend(int kvHead, ReadOnlySpan<TokenRun> runs)
    {
        var (shape, cache) = (_shape!, _cache!);
        var headDim = shape.HeadDim;
        var weights = cache.OutputWeights(kvHead);
        var values = stackalloc float[ValuesAtOnce * headDim];
        var slots = stackalloc CacheSlot[ValuesAtOnce];
        var pending = 0;
        foreach (ref readonly var run in runs)
        {
            var position = step.Positions[run.FirstToken];
            var block = step.BlockTable[step.Sequences[run.Sequence].FirstBlock + position / cache.BlockTokens];
            var group = position % cache.BlockTokens / CpuKvCache.GroupTokens;
            for (var i = 0; i < run.TokenCount; i++)
            {
                var slot = (position + i) % CpuKvCache.GroupTokens;
                var row = _qkv + (long)(run.FirstToken + i) * shape.QkvWidth;
                var key = row + (shape.HeadCount + kvHead) * headDim;
                RotateQueries(row, run.FirstToken + i, kvHead);
                Rotate(key, run.FirstToken + i, headDim);
                cache.Keys.Write(new ReadOnlySpan<float>(key, headDim), [new CacheSlot(cache.KeyGroup(block, kvHead, group), slot)]);
                var value = key + shape.KvHeadCount * headDim;
                HadamardTransform.Apply(value, headDim, cache.Format.ValueRotation);
                new ReadOnlySpan<float>(value, headDim).CopyTo(new Span<float>(values + pending * headDim, headDim));
                slots[pending++] = new CacheSlot(cache.ValueGroup(block, kvHead, group), slot);
                if (pending < ValuesAtOnce) continue;
                cache.Values.Write(new ReadOnlySpan<float>(values, pending * headDim), new ReadOnlySpan<CacheSlot>(slots, pending), weights);
                pending = 0;
            }
        }

        if (pending > 0) cache.Values.Write(new ReadOnlySpan<float>(values, pending * headDim), new ReadOnlySpan<CacheSlot>(slots, pending), weights);
    }

    private void RotateQueries(float* row, int token, int kvHead)
    {
        var group = _shape!.HeadCount / _shape.KvHeadCount;
        for (var head = kvHead * group; head < (kvHead + 1) * group; head++) Rotate(row + head * _shape.HeadDim, token, _shape.HeadDim);
    }

    /// <summary>By position, then, for the cache's types, over elements.</summary>
    private void Rotate(float* head, int token, int headDim)
    {
        HeadRotation.Apply(head, angles.Cosines(token), angles.Sines(token), angles.Dimensions, angles.Style);
        HadamardTransform.Apply(head, headDim, _cache!.Format.KeyRotation);
    }
}
