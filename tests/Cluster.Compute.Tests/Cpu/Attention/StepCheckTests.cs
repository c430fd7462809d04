using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cpu.Attention;

/// <summary>A step that contradicts itself or the cache is refused before memory beside the cache is touched.</summary>
public class StepCheckTests
{
    private static readonly AttentionShape s_shape = new(2, 1, 32, 0.2f);
    private static readonly RotaryTable s_rotary = new([1, 0.5f], RopeStyle.Interleaved, 1);

    [Fact]
    public void A_block_that_the_cache_has_not_is_refused() => Refused(s => s with { BlockCount = 2 }, [0, 3], "block 3 of a cache of 3");

    [Fact]
    public void Too_few_blocks_for_the_positions_are_refused() => Refused(s => s with { StartPosition = 14 }, [0], "a sequence of 17");

    [Fact]
    public void A_span_past_the_tokens_is_refused() => Refused(s => s with { TokenCount = 4 }, [0], "4 tokens from 0, expected some of 3 from 0");

    [Fact]
    public void A_table_past_the_blocks_is_refused() => Refused(s => s with { BlockCount = 2 }, [0], "2 blocks from 0 of 1");

    [Fact]
    public void A_negative_block_is_refused() => Refused(s => s, [-1], "block -1 is negative");

    [Fact]
    public void A_token_of_no_sequence_is_refused() => Refused(s => s with { TokenCount = 2 }, [0], "token 2 belongs to no sequence");

    [Fact]
    public void A_cache_of_another_shape_is_refused()
    {
        using var device = TestDevices.Open(1);
        using var cache = device.CreateKvCache(CacheShape() with { HeadDim = 64 });
        using var qkv = device.Allocate(3 * s_shape.QkvWidth);
        device.BeginStep(Batch(s => s, [0]), s_rotary);
        Assert.Throws<ArgumentException>(() => device.RotateAndAppend(qkv, s_shape, cache, 0));
    }

    [Fact]
    public void A_layer_that_the_cache_has_not_is_refused()
    {
        using var device = TestDevices.Open(1);
        using var cache = device.CreateKvCache(CacheShape());
        using var qkv = device.Allocate(3 * s_shape.QkvWidth);
        device.BeginStep(Batch(s => s, [0]), s_rotary);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.RotateAndAppend(qkv, s_shape, cache, 1));
    }

    [Fact]
    public void A_type_that_the_cpu_cannot_cache_is_refused_by_name()
    {
        using var device = TestDevices.Open(1);
        var exception = Assert.Throws<KvCacheShapeException>(() => device.CreateKvCache(CacheShape() with { HeadDim = 256, Layers = [new KvLayerFormat(TensorType.Q6_K, TensorType.Q4_0)] }));
        Assert.Equal("KV cache: keys cannot be q6_k on cpu; f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, iq4_nl can", exception.Message);
    }

    private static void Refused(Func<SequenceSpan, SequenceSpan> change, int[] blocks, string expected)
    {
        using var device = TestDevices.Open(1);
        using var cache = device.CreateKvCache(CacheShape());
        using var qkv = device.Allocate(3 * s_shape.QkvWidth);
        var exception = Assert.Throws<ArgumentException>(() =>
        {
            device.BeginStep(Batch(change, blocks), s_rotary);
            device.RotateAndAppend(qkv, s_shape, cache, 0);
        });
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static StepBatch Batch(Func<SequenceSpan, SequenceSpan> change, int[] blocks)
    {
        var batch = new StepBatch();
        var sequence = change(new SequenceSpan(0, 3, 0, 0, 1));
        for (var i = 0; i < 3; i++)
        {
            batch.TokenIds.Add(i);
            batch.Positions.Add(sequence.StartPosition + i);
        }

        batch.Sequences.Add(sequence);
        foreach (var block in blocks) batch.BlockTable.Add(block);
        return batch;
    }

    private static KvCacheShape CacheShape() => new()
    {
        Layers = [new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0)],
        KvHeadCount = 1,
        HeadDim = 32,
        BlockTokens = 16,
        BlockCount = 3,
    };
}
