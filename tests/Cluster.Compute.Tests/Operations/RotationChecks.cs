using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What every device's rotation by position is held to.</summary>
internal static class RotationChecks
{
    public static void MatchesTheReference(IDevice device, RopeStyle style, int headDim, int pairs, int start)
    {
        const int Tokens = 40;
        var shape = new AttentionShape(6, 2, headDim, 1);
        var rotary = new RotaryTable(Frequencies(pairs), style, 1.1f);
        var batch = new StepBatch();
        batch.Sequences.Add(new SequenceSpan(0, Tokens, start, 0, (start + Tokens + 15) / 16));
        for (var i = 0; i < Tokens; i++)
        {
            batch.TokenIds.Add(i);
            batch.Positions.Add(start + i);
        }

        // Every position shares one block: only rotation is looked at here.
        batch.BlockTable.Append((start + Tokens + 15) / 16).Clear();
        var cacheShape = new KvCacheShape
        {
            Layers = [new KvLayerFormat(TensorType.F32, TensorType.F32)],
            KvHeadCount = 2,
            HeadDim = headDim,
            BlockTokens = 16,
            BlockCount = 1,
        };
        var qkv = RandomValues.Normal(41, Tokens * shape.QkvWidth);
        using var cache = device.CreateKvCache(cacheShape);
        using var buffer = device.Buffer(qkv);
        device.BeginStep(batch, rotary);
        device.RotateAndAppend(buffer, shape, cache, 0);

        ReferenceAttention.Rotate(qkv, shape, batch, rotary, cacheShape.Layers[0]);
        Assert.InRange(Difference.Largest(qkv, buffer.ToArray()), 0, 5e-7);
    }

    private static float[] Frequencies(int pairs)
    {
        var frequencies = new float[pairs];
        for (var i = 0; i < pairs; i++) frequencies[i] = MathF.Pow(500_000, -(float)i / pairs);
        return frequencies;
    }
}
