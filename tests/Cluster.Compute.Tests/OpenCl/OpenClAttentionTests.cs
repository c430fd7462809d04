using Cluster.Compute.Tests.Cpu.Attention;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClAttentionTests(OpenClTestDevice opencl)
{
    private const double Bound = AttentionChecks.GpuBound;

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
    public void Every_pair_of_types_matches_on_prefill_and_decode(TensorType keys, TensorType values, bool rotation, int headDim) =>
        AttentionChecks.PrefillAndDecodeMatch(opencl.Device, keys, values, rotation, headDim, Bound);

    [OpenClTheory]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(4, 1)]
    [InlineData(14, 2)]
    [InlineData(80, 1)] // more query heads on a KV head than a work-group has rows
    public void Every_group_size_matches(int heads, int kvHeads) =>
        AttentionChecks.HeadsMatch(opencl.Device, heads, kvHeads, 64, AttentionChecks.Rotated(TensorType.Q8_0, TensorType.Q4_0), Bound);

    [OpenClTheory]
    [InlineData(8, TensorType.F32, TensorType.F16)]
    [InlineData(80, TensorType.F16, TensorType.BF16)]
    [InlineData(128, TensorType.Q8_0, TensorType.IQ4_NL)]
    [InlineData(256, TensorType.Q4_0, TensorType.Q4_0)]
    public void Every_head_dimension_matches(int headDim, TensorType keys, TensorType values) =>
        AttentionChecks.HeadsMatch(opencl.Device, 6, 2, headDim, new KvLayerFormat(keys, values), Bound);

    [OpenClTheory]
    [InlineData(32)]
    [InlineData(48)]
    public void Long_contexts_split_over_work_groups_match(int blockTokens) =>
        AttentionChecks.ALongContextMatches(opencl.Device, 64, blockTokens, prompt: 500, Bound);

    [OpenClFact]
    public void What_an_earlier_sequence_left_in_a_block_is_not_seen()
    {
        AttentionChecks.WhatAnEarlierSequenceLeftInABlockIsNotSeen(opencl.Device, TensorType.F16, TensorType.F16);
        AttentionChecks.WhatAnEarlierSequenceLeftInABlockIsNotSeen(opencl.Device, TensorType.Q8_0, TensorType.Q4_0);
    }

    [OpenClTheory]
    [InlineData(30f)]
    [InlineData(3000f)]
    public void Scores_far_apart_neither_overflow_nor_vanish(float deviation)
    {
        AttentionChecks.ScoresFarApartNeitherOverflowNorVanish(opencl.Device, TensorType.F16, TensorType.F16, deviation);
        AttentionChecks.ScoresFarApartNeitherOverflowNorVanish(opencl.Device, TensorType.Q8_0, TensorType.Q4_0, deviation);
    }
}
