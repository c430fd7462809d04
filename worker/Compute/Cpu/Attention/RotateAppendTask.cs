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
    private CpuKvCache? _cache;
    private int _layer;

    public void Run(float* qkv, AttentionShape shape, CpuKvCache cache, int layer)
    {
        _qkv = qkv;
        _shape = shape;
        _cache = cache;
        _layer = layer;
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
            var block = step.BlockTable[step.Sequences[run.Sequence].FirstBlock + position / cache.Shape.BlockTokens];
            var group = position % cache.Shape.BlockTokens / CpuKvCache.GroupTokens;
            var kvHead = item % shape.KvHeadCount;
            var keys = cache.KeyGroup(_layer, block, kvHead, group);
            var values = cache.ValueGroup(_layer, block, kvHead, group);
            for (var i = 0; i < run.TokenCount; i++)
                RotateAndAppend(shape, cache, run.FirstToken + i, kvHead, keys, values, (position + i) % CpuKvCache.GroupTokens);
        }
    }

    private void RotateAndAppend(AttentionShape shape, CpuKvCache cache, int token, int kvHead, byte* keys, byte* values, int slot)
    {
        var headDim = shape.HeadDim;
        var group = shape.HeadCount / shape.KvHeadCount;
        var row = _qkv + (long)token * shape.QkvWidth;
        for (var head = kvHead * group; head < (kvHead + 1) * group; head++) Rotate(row + head * headDim, token);
        var key = row + (shape.HeadCount + kvHead) * headDim;
        Rotate(key, token);
        cache.Keys.Write(keys, slot, new ReadOnlySpan<float>(key, headDim));
        cache.Values.Write(values, slot, new ReadOnlySpan<float>(key + shape.KvHeadCount * headDim, headDim));
    }

    private void Rotate(float* head, int token) =>
        HeadRotation.Apply(head, angles.Cosines(token), angles.Sines(token), angles.Dimensions, angles.Style);
}
