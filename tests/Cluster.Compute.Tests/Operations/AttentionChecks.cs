using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What every device's attention over its cache is held to; bounds are on the normalized mean-square error.</summary>
internal static class AttentionChecks
{
    /// <summary>Query heads on the one KV head that all pairs of types are tried with.</summary>
    public const int PairHeads = 5;

    /// <summary>Against a reference that keeps the same rounded keys and values in f64: what is left on a GPU is f32 arithmetic.</summary>
    public const double GpuBound = 1e-10;

    /// <summary>The same where codes are rounded to f16 with their scale, as in the matrices of tensor cores: a hundredth of what q8_0 itself costs.</summary>
    public const double TensorCoreBound = 5e-7;

    /// <summary>A layer without rotation, or with one as quantized types have it, smaller than the heads of most tests.</summary>
    public static KvLayerFormat Rotated(TensorType keys, TensorType values) => new(keys, values, Rotation(keys), Rotation(values));

    public static void PrefillAndDecodeMatch(IDevice device, TensorType keys, TensorType values, bool rotation, int headDim, double bound)
    {
        var format = new KvCacheFormat { KeyType = keys, ValueType = values, Rotation = rotation }.Layer(0, 1, headDim);
        using var rig = new AttentionRig(device, AttentionRig.Shape(PairHeads, 1, headDim), format);
        Assert.InRange(rig.Step((0, 45)), 0, bound); // a prefill that ends within a group and a block
        Assert.InRange(rig.Step((0, 1)), 0, bound);
        Assert.InRange(rig.Step((0, 60)), 0, bound); // a chunk over several tiles
        Assert.InRange(rig.Step((0, 1), (1, 20)), 0, bound); // a decode beside a prefill
        Assert.InRange(rig.Step((1, 1), (0, 1)), 0, bound);
    }

    public static void HeadsMatch(IDevice device, int heads, int kvHeads, int headDim, KvLayerFormat format, double bound)
    {
        using var rig = new AttentionRig(device, AttentionRig.Shape(heads, kvHeads, headDim), format);
        Assert.InRange(rig.Step((0, 70)), 0, bound);
        Assert.InRange(rig.Step((0, 3)), 0, bound);
        Assert.InRange(rig.Step((0, 1)), 0, bound);
    }

    /// <param name="device">The device.</param>
    /// <param name="headDim">Elements of a head.</param>
    /// <param name="blockTokens">Tokens of a block.</param>
    /// <param name="prompt">Tokens before the others, enough for several threads or blocks of them.</param>
    /// <param name="bound">The largest error.</param>
    public static void ALongContextMatches(IDevice device, int headDim, int blockTokens, int prompt, double bound)
    {
        using var rig = new AttentionRig(
            device, AttentionRig.Shape(3, 1, headDim), new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0, 32, 32), blockTokens,
            blockCount: 2 * prompt / blockTokens);
        Assert.InRange(rig.Step((0, prompt)), 0, bound);
        Assert.InRange(rig.Step((0, 1)), 0, bound);
        Assert.InRange(rig.Step((1, 8), (0, 5)), 0, bound); // several query tokens that share split ranges
        Assert.InRange(rig.Step((0, 1), (1, 1)), 0, bound);
    }

    public static void WhatAnEarlierSequenceLeftInABlockIsNotSeen(IDevice device, TensorType keys, TensorType values)
    {
        var shape = AttentionRig.Shape(2, 1, 32);
        var qkv = RandomValues.Normal(29, 20 * shape.QkvWidth);
        using var fresh = new AttentionRig(device, shape, new KvLayerFormat(keys, values), blockCount: 2);
        using var used = new AttentionRig(device, shape, new KvLayerFormat(keys, values), blockCount: 2);
        used.Step(RandomValues.Normal(30, 64 * shape.QkvWidth, 60_000), (0, 64)); // f16's infinities included
        used.End(0);
        Assert.Equal(fresh.Step(qkv, (1, 20)), used.Step(qkv, (1, 20)));
    }

    public static void ScoresFarApartNeitherOverflowNorVanish(IDevice device, TensorType keys, TensorType values, float deviation)
    {
        var shape = AttentionRig.Shape(2, 1, 32);
        using var rig = new AttentionRig(device, shape, new KvLayerFormat(keys, values));
        Assert.DoesNotContain(rig.Step(RandomValues.Normal(31, 90 * shape.QkvWidth, deviation), (0, 90)), float.IsNaN);
    }

    private static int Rotation(TensorType type) => TensorTraits.Get(type).IsQuantized ? 32 : 0;
}
