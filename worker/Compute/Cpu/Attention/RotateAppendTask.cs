using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>Rotates a step's queries and keys and writes keys and values to the cache; shared out by group of the cache and KV head.</summary>
internal sealed unsafe class RotateAppendTask(ThreadTeam team, StepState step, RotaryAngles angles) : TeamTask
{
    /// <summary>Elements below which waking the team costs more than it saves.</summary>
    private const int InlineElements = 4096;

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
        var (shape, cache) = (_shape!, _cache!);
        var (start, end) = TeamShare.Of(step.Runs.Count * shape.KvHeadCount, thread, threads);
        for (var item = start; item < end; item++)
        {
            var run = step.Runs[item / shape.KvHeadCount];
            var position = step.Positions[run.FirstToken];
            var block = step.BlockTable[step.Sequences[run.Sequence].FirstBlock + position / cache.BlockTokens];
            var group = position % cache.BlockTokens / CpuKvCache.GroupTokens;
            var kvHead = item % shape.KvHeadCount;
            var keys = cache.KeyGroup(block, kvHead, group);
            var values = cache.ValueGroup(block, kvHead, group);
            for (var i = 0; i < run.TokenCount; i++)
                RotateAndAppend(shape, cache, run.FirstToken + i, kvHead, keys, values, (position + i) % CpuKvCache.GroupTokens);
        }
    }

    private void RotateAndAppend(AttentionShape shape, CpuKvLayer cache, int token, int kvHead, byte* keys, byte* values, int slot)
    {
        var headDim = shape.HeadDim;
        var group = shape.HeadCount / shape.KvHeadCount;
        var row = _qkv + (long)token * shape.QkvWidth;
        for (var head = kvHead * group; head < (kvHead + 1) * group; head++) Rotate(row + head * headDim, token, headDim);
        var key = row + (shape.HeadCount + kvHead) * headDim;
        Rotate(key, token, headDim);
        var value = key + shape.KvHeadCount * headDim;
        HadamardTransform.Apply(value, headDim, cache.Format.ValueRotation);
        cache.Keys.Write(keys, slot, new ReadOnlySpan<float>(key, headDim));
        cache.Values.Write(values, slot, new ReadOnlySpan<float>(value, headDim), cache.OutputWeights(kvHead));
    }

    /// <summary>By position, then, for the cache's types, over elements.</summary>
    private void Rotate(float* head, int token, int headDim)
    {
        HeadRotation.Apply(head, angles.Cosines(token), angles.Sines(token), angles.Dimensions, angles.Style);
        HadamardTransform.Apply(head, headDim, _cache!.Format.KeyRotation);
    }
}
