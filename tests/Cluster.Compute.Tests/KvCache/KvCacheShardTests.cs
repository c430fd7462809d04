using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.KvCache;

public class KvCacheShardTests
{
    private const int HeadDim = 64;
    private const int KvHeads = 2;
    private const int BlockTokens = 32;
    private const int BlockCount = 6;

    private static readonly int[] s_table = [4, 0, 5];

    public static TheoryData<TensorType> Types => [.. KvCacheFormat.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Rows_come_back_byte_for_byte_and_leave_others_alone(TensorType type)
    {
        using var device = TestDevices.Open(1);
        using var cache = device.CreateKvCache(Shape(new KvLayerFormat(TensorType.F16, type), new KvLayerFormat(type, TensorType.F32)));
        var bytes = (int)TensorTraits.Get(type).BytesFor(HeadDim);
        foreach (var (layer, part) in new[] { (0, KvPart.Values), (1, KvPart.Keys) })
        {
            // Any bytes, as no row is recoded on its way; written in pieces that end within groups and blocks.
            var rows = new byte[KvHeads][];
            for (var head = 0; head < KvHeads; head++)
            {
                rows[head] = new byte[96 * bytes];
                new Random(61 + head).NextBytes(rows[head]);
                foreach (var (start, end) in new[] { (5, 70), (0, 5), (70, 71), (71, 96) })
                    cache.WriteRows(layer, head, part, s_table, start, end - start, rows[head].AsSpan(start * bytes, (end - start) * bytes));
            }

            for (var head = 0; head < KvHeads; head++)
            {
                Assert.Equal(rows[head], Read(cache, layer, head, part, s_table, 0, 96));
                Assert.Equal(rows[head][(37 * bytes)..(77 * bytes)], Read(cache, layer, head, part, s_table, 37, 40));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Appended_rows_come_back_as_they_are_quantized(TensorType type)
    {
        const int Tokens = 45;
        var format = new KvLayerFormat(type, type, 32, 64);
        var shape = new AttentionShape(2, KvHeads, HeadDim, 1);
        using var device = TestDevices.Open(2);
        using var cache = device.CreateKvCache(Shape(format));
        using var buffer = device.Buffer(RandomValues.Normal(67, Tokens * shape.QkvWidth));
        var batch = new StepBatch();
        batch.Sequences.Add(new SequenceSpan(0, Tokens, 0, 0, s_table.Length));
        foreach (var block in s_table) batch.BlockTable.Add(block);
        for (var i = 0; i < Tokens; i++)
        {
            batch.TokenIds.Add(i);
            batch.Positions.Add(i);
        }

        device.BeginStep(batch, new RotaryTable([1, 0.1f], RopeStyle.Interleaved, 1));
        device.RotateAndAppend(buffer, shape, cache, 0);
        device.Synchronize();
        var appended = buffer.ToArray();
        var trait = TensorTraits.Get(type);
        var expected = new byte[trait.BytesFor(HeadDim)];
        foreach (var (part, first) in new[] { (KvPart.Keys, 2), (KvPart.Values, 2 + KvHeads) })
        {
            for (var token = 0; token < Tokens; token++)
            {
                for (var head = 0; head < KvHeads; head++)
                {
                    RowQuantizer.Quantize(trait, appended.AsSpan(token * shape.QkvWidth + (first + head) * HeadDim, HeadDim), expected, null);
                    Assert.Equal(expected, Read(cache, 0, head, part, s_table, token, 1));
                }
            }
        }
    }

    [Fact]
    public void A_copied_block_holds_the_same_in_all_layers_and_is_apart()
    {
        var formats = new[] { new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0), new KvLayerFormat(TensorType.F16, TensorType.F32) };
        using var device = TestDevices.Open(1);
        using var cache = device.CreateKvCache(Shape([.. formats]));
        var random = new Random(71);
        var written = new Dictionary<(int, int, KvPart), byte[]>();
        foreach (var place in Places())
        {
            var rows = written[place] = new byte[BlockTokens * cache.Shape.RowBytes(place.Layer, place.Part)];
            random.NextBytes(rows);
            cache.WriteRows(place.Layer, place.Head, place.Part, [3], 0, BlockTokens, rows);
        }

        cache.CopyBlock(3, 1);
        cache.CopyBlock(1, 1);
        foreach (var (layer, head, part) in Places())
        {
            Assert.Equal(written[(layer, head, part)], Read(cache, layer, head, part, [1], 0, BlockTokens));
            cache.WriteRows(layer, head, part, [3], 0, 1, new byte[cache.Shape.RowBytes(layer, part)]);
            Assert.Equal(written[(layer, head, part)], Read(cache, layer, head, part, [1], 0, BlockTokens));
            Assert.All(Read(cache, layer, head, part, [0, 2], 0, 2 * BlockTokens), value => Assert.Equal(0, value));
        }

        IEnumerable<(int Layer, int Head, KvPart Part)> Places() =>
            from layer in Enumerable.Range(0, formats.Length)
            from head in Enumerable.Range(0, KvHeads)
            from part in new[] { KvPart.Keys, KvPart.Values }
            select (layer, head, part);
    }

    [Fact]
    public void What_the_cache_does_not_have_is_refused()
    {
        using var device = TestDevices.Open(1);
        using var cache = device.CreateKvCache(Shape(new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.CopyBlock(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.CopyBlock(0, BlockCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(cache, 0, 2, KvPart.Keys, [0], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(cache, 0, 0, KvPart.Keys, [0], -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(cache, 0, 0, KvPart.Keys, [0, BlockCount], 31, 2));
        Assert.Throws<ArgumentException>(() => Read(cache, 0, 0, KvPart.Keys, [0], 31, 2));
        Assert.Throws<ArgumentException>(() => cache.ReadRows(0, 0, KvPart.Keys, [0], 0, 2, new byte[2 * 68 - 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.WriteRows(1, 0, KvPart.Keys, [0], 0, 1, new byte[68]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.WriteRows(0, 0, (KvPart)2, [0], 0, 1, new byte[68]));
        Assert.Empty(Read(cache, 0, 0, KvPart.Values, [], 0, 0));
    }

    private static KvCacheShape Shape(params ReadOnlySpan<KvLayerFormat> layers) =>
        new() { Layers = [.. layers], KvHeadCount = KvHeads, HeadDim = HeadDim, BlockTokens = BlockTokens, BlockCount = BlockCount };

    private static byte[] Read(KvCacheShard cache, int layer, int head, KvPart part, int[] table, int first, int count)
    {
        var rows = new byte[count * cache.Shape.RowBytes(layer, part)];
        cache.ReadRows(layer, head, part, table, first, count, rows);
        return rows;
    }
}
