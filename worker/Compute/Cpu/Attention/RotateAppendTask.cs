using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>Rotates a step's queries and keys and writes keys and values to the cache; shared out by token and KV head.</summary>
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
        var (start, end) = TeamShare.Of(step.TokenCount * shape.KvHeadCount, thread, threads);
        for (var item = start; item < end; item++) RotateAndAppend(shape, cache, item / shape.KvHeadCount, item % shape.KvHeadCount);
    }

    private void RotateAndAppend(AttentionShape shape, CpuKvCache cache, int token, int kvHead)
    {
        var headDim = shape.HeadDim;
        var group = shape.HeadCount / shape.KvHeadCount;
        var row = _qkv + (long)token * shape.QkvWidth;
        for (var head = kvHead * group; head < (kvHead + 1) * group; head++) Rotate(row + head * headDim, token);
        var key = row + (shape.HeadCount + kvHead) * headDim;
        var value = key + shape.KvHeadCount * headDim;
        Rotate(key, token);

        var position = step.Positions[token];
        var block = step.BlockTable[step.Sequences[step.TokenSequences[token]].FirstBlock + position / cache.Shape.BlockTokens];
        var groupInBlock = position % cache.Shape.BlockTokens / CpuKvCache.GroupTokens;
        var slot = position % CpuKvCache.GroupTokens;
        cache.Keys.Write(cache.KeyGroup(_layer, block, kvHead, groupInBlock), slot, new ReadOnlySpan<float>(key, headDim));
        cache.Values.Write(cache.ValueGroup(_layer, block, kvHead, groupInBlock), slot, new ReadOnlySpan<float>(value, headDim));
    }

    private void Rotate(float* head, int token) =>
        HeadRotation.Apply(head, angles.Cosines(token), angles.Sines(token), angles.Dimensions, angles.Style);
}
