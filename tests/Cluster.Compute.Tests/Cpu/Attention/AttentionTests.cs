using Cluster.Compute.Tests.Operations;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cpu.Attention;

public class AttentionTests
{
    /// <summary>
    /// Against a reference that keeps the same rounded keys and values in f64: what is left is f32 arithmetic, and for quantized types the
    /// rounding of queries and weights to 16 bits, which codes above a minimum feel most. The formats' own error (1e-5 for Q8_0, 5e-3 for
    /// Q4_0) is not in it.
    /// </summary>
    private const double FloatBound = 1e-11;
    private const double CodeBound = 5e-8;

    /// <summary>All pairs, each with and without rotation; each type as keys and as values with every head dimension.</summary>
    public static TheoryData<TensorType, TensorType, bool, int> TypePairs
    {
        get
        {
            int[] headDims = [32, 64, 96, 128];
            var pairs = new TheoryData<TensorType, TensorType, bool, int>();
            for (var key = 0; key < KvCacheFormat.Types.Length; key++)
            {
                for (var value = 0; value < KvCacheFormat.Types.Length; value++)
                {
                    var headDim = headDims[(key + value) % headDims.Length];
                    pairs.Add(KvCacheFormat.Types[key], KvCacheFormat.Types[value], true, headDim);
                    pairs.Add(KvCacheFormat.Types[key], KvCacheFormat.Types[value], false, headDim);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(TypePairs))]
    public void Every_pair_of_types_matches_on_prefill_and_decode(TensorType keys, TensorType values, bool rotation, int headDim)
    {
        using var device = TestDevices.Open(2);
        AttentionChecks.PrefillAndDecodeMatch(device, keys, values, rotation, headDim, Bound(keys, values));
    }

    [Fact]
    public void Layers_of_different_formats_do_not_touch_each_other()
    {
        const int Layers = 4, HeadDim = 64;
        var format = new KvCacheFormat { KeyType = TensorType.Q5_1, ValueType = TensorType.IQ4_NL, EdgeLayers = 1 };
        KvLayerFormat[] formats = [.. Enumerable.Range(0, Layers).Select(layer => format.Layer(layer, Layers, HeadDim))];
        Assert.Equal(formats[0], formats[^1]);
        Assert.NotEqual(formats[0], formats[1]);
        using var device = TestDevices.Open(2);
        using var rig = new AttentionRig(device, AttentionRig.Shape(4, 2, HeadDim), formats);
        foreach (var tokens in new[] { 37, 1, 20, 1 })
        {
            var errors = rig.StepAllLayers((0, tokens));
            for (var layer = 0; layer < Layers; layer++) Assert.InRange(errors[layer], 0, Bound(formats[layer].KeyType, formats[layer].ValueType));
        }
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(4, 1)]
    [InlineData(7, 1)]
    [InlineData(14, 2)]
    [InlineData(80, 1)] // more query heads on a KV head than a tile has rows
    public void Every_group_size_matches(int heads, int kvHeads)
    {
        using var device = TestDevices.Open(1);
        foreach (var (keys, values) in new[] { (TensorType.F16, TensorType.F16), (TensorType.Q8_0, TensorType.Q4_0) })
            AttentionChecks.HeadsMatch(device, heads, kvHeads, 32, AttentionChecks.Rotated(keys, values), Bound(keys, values));
    }

    [Theory]
    [InlineData(8, TensorType.F32, TensorType.F16)]
    [InlineData(8, TensorType.F16, TensorType.F32)]
    [InlineData(32, TensorType.Q4_0, TensorType.Q8_0)]
    [InlineData(64, TensorType.Q8_0, TensorType.Q4_0)]
    [InlineData(80, TensorType.F16, TensorType.F16)]
    [InlineData(96, TensorType.Q8_0, TensorType.Q4_0)]
    [InlineData(96, TensorType.F16, TensorType.Q8_0)]
    [InlineData(128, TensorType.Q8_0, TensorType.Q4_0)]
    [InlineData(128, TensorType.F16, TensorType.F16)]
    [InlineData(256, TensorType.Q4_0, TensorType.Q4_0)]
    public void Every_head_dimension_matches(int headDim, TensorType keys, TensorType values)
    {
        using var device = TestDevices.Open(2);
        AttentionChecks.HeadsMatch(device, 6, 2, headDim, AttentionChecks.Rotated(keys, values), Bound(keys, values));
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(2, 32)]
    [InlineData(3, 64)]
    [InlineData(3, 48)]
    public void Long_contexts_split_over_threads_match(int threads, int blockTokens)
    {
        using var device = TestDevices.Open(threads);
        AttentionChecks.ALongContextMatches(device, 32, blockTokens, prompt: 500, CodeBound);
    }

    /// <summary>All types as keys and as values, with one query head or several on a KV head.</summary>
    public static TheoryData<TensorType, TensorType, int> TypesAndGroups
    {
        get
        {
            var types = KvCacheFormat.Types;
            var data = new TheoryData<TensorType, TensorType, int>();
            for (var i = 0; i < types.Length; i++) data.Add(types[i], types[(i + 3) % types.Length], 1 + i % 7);
            data.Add(TensorType.F16, TensorType.F16, 1);
            data.Add(TensorType.F16, TensorType.F16, 6);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndGroups))]
    public void Outputs_are_the_same_to_the_bit_however_tokens_come_in(TensorType keys, TensorType values, int group)
    {
        const int Tokens = 1100; // past two ends of a range
        var shape = AttentionRig.Shape(2 * group, 2, 32);
        var qkv = RandomValues.Normal(17, Tokens * shape.QkvWidth);
        var whole = Outputs([Tokens], 0);
        Assert.Equal(whole, Outputs([64, 1, 33, 405, 3, 8, 1, 500, 4, 80, 1], 0));
        Assert.Equal(whole, Outputs([.. Enumerable.Repeat(7, 145), .. Enumerable.Repeat(1, 85)], 0));
        Assert.Equal(whole, Outputs([500, 20, 503, 2, 75], 45)); // beside another sequence

        float[] Outputs(int[] chunks, int others)
        {
            using var device = TestDevices.Open(2);
            using var rig = new AttentionRig(device, shape, AttentionChecks.Rotated(keys, values), blockCount: 50);
            var (outputs, start) = (new List<float>(), 0);
            foreach (var chunk in chunks)
            {
                var own = qkv[(start * shape.QkvWidth)..((start + chunk) * shape.QkvWidth)];
                var step = others == 0
                    ? rig.Step(own, (0, chunk))
                    : rig.Step([.. RandomValues.Normal(start, others * shape.QkvWidth), .. own], (1, others), (0, chunk))[(others * shape.HeadCount * shape.HeadDim)..];
                outputs.AddRange(step);
                start += chunk;
            }

            Assert.Equal(Tokens, start);
            return [.. outputs];
        }
    }

    [Fact]
    public void Results_do_not_depend_on_the_number_of_threads()
    {
        var shape = AttentionRig.Shape(6, 2, 64);
        var (prompt, next) = (RandomValues.Normal(23, 400 * shape.QkvWidth), RandomValues.Normal(24, shape.QkvWidth));
        Assert.Equal(Outputs(1), Outputs(3));

        float[] Outputs(int threads)
        {
            using var device = TestDevices.Open(threads);
            using var rig = new AttentionRig(device, shape, new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0, 32, 32));
            return [.. rig.Step(prompt, (0, 400)), .. rig.Step(next, (0, 1))];
        }
    }

    [Fact]
    public void What_an_earlier_sequence_left_in_a_block_is_not_seen()
    {
        using var device = TestDevices.Open(1);
        foreach (var type in KvCacheFormat.Types) AttentionChecks.WhatAnEarlierSequenceLeftInABlockIsNotSeen(device, type, type);
    }

    [Theory]
    [InlineData(30f)]
    [InlineData(3000f)]
    public void Scores_far_apart_neither_overflow_nor_vanish(float deviation)
    {
        using var device = TestDevices.Open(1);
        foreach (var type in KvCacheFormat.Types) AttentionChecks.ScoresFarApartNeitherOverflowNorVanish(device, type, type, deviation);
    }

    private static double Bound(TensorType keys, TensorType values) =>
        TensorTraits.Get(keys).IsQuantized || TensorTraits.Get(values).IsQuantized ? CodeBound : FloatBound;
}
