using Cluster.Compute.Tests.Cpu.Attention;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClAttentionTests(OpenClTestDevice opencl)
{
    /// <summary>Against a reference that keeps the same rounded keys and values in f64: what is left is f32 arithmetic.</summary>
    private const double Bound = 1e-10;

    /// <summary>Query heads on one KV head.</summary>
    private const int Heads = 5;

    /// <summary>Each type once as keys and once as values, or all pairs.</summary>
    public static TheoryData<TensorType, TensorType, bool, int> TypePairs
    {
        get
        {
            if (OpenClTestDevice.IsExhaustive) return AttentionTests.TypePairs;
            var (types, pairs) = (KvCacheFormat.Types, new TheoryData<TensorType, TensorType, bool, int>());
            for (var i = 0; i < types.Length; i++) pairs.Add(types[i], types[(i + 4) % types.Length], i % 2 == 0, 64);
            return pairs;
        }
    }

    [OpenClTheory]
    [MemberData(nameof(TypePairs))]
    public void Every_pair_of_types_matches_on_prefill_and_decode(TensorType keys, TensorType values, bool rotation, int headDim)
    {
        var format = new KvCacheFormat { KeyType = keys, ValueType = values, Rotation = rotation }.Layer(0, 1, headDim);
        using var rig = new AttentionRig(AttentionRig.Shape(Heads, 1, headDim), format, threads: 1, device: opencl.Device);
        Assert.InRange(rig.Step((0, 45)), 0, Bound);
        Assert.InRange(rig.Step((0, 1)), 0, Bound);
        Assert.InRange(rig.Step((0, 60)), 0, Bound);
        Assert.InRange(rig.Step((0, 1), (1, 20)), 0, Bound);
        Assert.InRange(rig.Step((1, 1), (0, 1)), 0, Bound);
    }

    [OpenClTheory]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(4, 1)]
    [InlineData(14, 2)]
    [InlineData(80, 1)] // more query heads on a KV head than a work-group has rows
    public void Every_group_size_matches(int heads, int kvHeads)
    {
        using var rig = new AttentionRig(
            AttentionRig.Shape(heads, kvHeads, 64), new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0, 32, 32), threads: 1, device: opencl.Device);
        Assert.InRange(rig.Step((0, 21)), 0, Bound);
        Assert.InRange(rig.Step((0, 1)), 0, Bound);
    }

    [OpenClTheory]
    [InlineData(8, TensorType.F32, TensorType.F16)]
    [InlineData(80, TensorType.F16, TensorType.BF16)]
    [InlineData(128, TensorType.Q8_0, TensorType.IQ4_NL)]
    [InlineData(256, TensorType.Q4_0, TensorType.Q4_0)]
    public void Every_head_dimension_matches(int headDim, TensorType keys, TensorType values)
    {
        using var rig = new AttentionRig(AttentionRig.Shape(6, 2, headDim), new KvLayerFormat(keys, values), threads: 1, device: opencl.Device);
        Assert.InRange(rig.Step((0, 70)), 0, Bound);
        Assert.InRange(rig.Step((0, 1)), 0, Bound);
    }

    [OpenClTheory]
    [InlineData(32)]
    [InlineData(48)]
    public void Long_contexts_split_over_work_groups_match(int blockTokens)
    {
        using var rig = new AttentionRig(
            AttentionRig.Shape(3, 1, 64), new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0, 32, 32), threads: 1, blockTokens,
            blockCount: 1200 / blockTokens, opencl.Device);
        Assert.InRange(rig.Step((0, 500)), 0, Bound);
        Assert.InRange(rig.Step((0, 1)), 0, Bound);
        Assert.InRange(rig.Step((1, 8), (0, 5)), 0, Bound);
        Assert.InRange(rig.Step((0, 1), (1, 1)), 0, Bound);
    }

    [OpenClFact]
    public void What_an_earlier_sequence_left_in_a_block_is_not_seen()
    {
        var shape = AttentionRig.Shape(2, 1, 32);
        var qkv = RandomValues.Normal(29, 20 * shape.QkvWidth);
        foreach (var (keys, values) in new[] { (TensorType.F16, TensorType.F16), (TensorType.Q8_0, TensorType.Q4_0) })
        {
            using var fresh = new AttentionRig(shape, new KvLayerFormat(keys, values), threads: 1, blockCount: 2, device: opencl.Device);
            using var used = new AttentionRig(shape, new KvLayerFormat(keys, values), threads: 1, blockCount: 2, device: opencl.Device);
            used.Step(RandomValues.Normal(30, 64 * shape.QkvWidth, 60_000), (0, 64)); // f16's infinities included
            used.End(0);
            Assert.Equal(fresh.Step(qkv, (1, 20)), used.Step(qkv, (1, 20)));
        }
    }

    [OpenClTheory]
    [InlineData(30f)]
    [InlineData(3000f)]
    public void Scores_far_apart_neither_overflow_nor_vanish(float deviation)
    {
        var shape = AttentionRig.Shape(2, 1, 32);
        foreach (var (keys, values) in new[] { (TensorType.F16, TensorType.F16), (TensorType.Q8_0, TensorType.Q4_0) })
        {
            using var rig = new AttentionRig(shape, new KvLayerFormat(keys, values), threads: 1, device: opencl.Device);
            Assert.DoesNotContain(rig.Step(RandomValues.Normal(31, 90 * shape.QkvWidth, deviation), (0, 90)), float.IsNaN);
        }
    }
}
