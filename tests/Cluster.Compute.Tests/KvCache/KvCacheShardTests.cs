using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.KvCache;

public class KvCacheShardTests
{
    public static TheoryData<TensorType> Types => [.. KvCacheFormat.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Rows_come_back_byte_for_byte_and_leave_others_alone(TensorType type)
    {
        using var device = TestDevices.Open(1);
        CacheRig.RowsComeBackByteForByteAndLeaveOthersAlone(device, type);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Appended_rows_come_back_as_they_are_quantized(TensorType type)
    {
        const int Tokens = 45;
        using var device = TestDevices.Open(2);
        using var cache = device.CreateKvCache(CacheRig.Shape(new KvLayerFormat(type, type, 32, 64)));
        var appended = CacheRig.Append(device, cache, Tokens);
        var trait = TensorTraits.Get(type);
        var expected = new byte[trait.BytesFor(CacheRig.HeadDim)];
        foreach (var (part, first) in new[] { (KvPart.Keys, CacheRig.QueryHeads), (KvPart.Values, CacheRig.QueryHeads + CacheRig.KvHeads) })
        {
            for (var token = 0; token < Tokens; token++)
            {
                for (var head = 0; head < CacheRig.KvHeads; head++)
                {
                    RowQuantizer.Quantize(trait, appended.AsSpan(token * CacheRig.Attention.QkvWidth + (first + head) * CacheRig.HeadDim, CacheRig.HeadDim), expected, null);
                    Assert.Equal(expected, CacheRig.Read(cache, 0, head, part, CacheRig.Table, token, 1));
                }
            }
        }
    }

    [Fact]
    public void A_copied_block_holds_the_same_in_all_layers_and_is_apart()
    {
        var formats = new[] { new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0), new KvLayerFormat(TensorType.F16, TensorType.F32) };
        using var device = TestDevices.Open(1);
        using var cache = device.CreateKvCache(CacheRig.Shape([.. formats]));
        var random = new Random(71);
        var written = new Dictionary<(int, int, KvPart), byte[]>();
        foreach (var place in Places())
        {
            var rows = written[place] = new byte[CacheRig.BlockTokens * cache.Shape.RowBytes(place.Layer, place.Part)];
            random.NextBytes(rows);
            cache.WriteRows(place.Layer, place.Head, place.Part, [3], 0, CacheRig.BlockTokens, rows);
        }

        cache.CopyBlock(3, 1);
        cache.CopyBlock(1, 1);
        foreach (var (layer, head, part) in Places())
        {
            Assert.Equal(written[(layer, head, part)], CacheRig.Read(cache, layer, head, part, [1], 0, CacheRig.BlockTokens));
            cache.WriteRows(layer, head, part, [3], 0, 1, new byte[cache.Shape.RowBytes(layer, part)]);
            Assert.Equal(written[(layer, head, part)], CacheRig.Read(cache, layer, head, part, [1], 0, CacheRig.BlockTokens));
            Assert.All(CacheRig.Read(cache, layer, head, part, [0, 2], 0, 2 * CacheRig.BlockTokens), value => Assert.Equal(0, value));
        }

        IEnumerable<(int Layer, int Head, KvPart Part)> Places() =>
            from layer in Enumerable.Range(0, formats.Length)
            from head in Enumerable.Range(0, CacheRig.KvHeads)
            from part in new[] { KvPart.Keys, KvPart.Values }
            select (layer, head, part);
    }

    [Fact]
    public void What_the_cache_does_not_have_is_refused()
    {
        using var device = TestDevices.Open(1);
        using var cache = device.CreateKvCache(CacheRig.Shape(new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.CopyBlock(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.CopyBlock(0, CacheRig.BlockCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => CacheRig.Read(cache, 0, 2, KvPart.Keys, [0], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CacheRig.Read(cache, 0, 0, KvPart.Keys, [0], -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CacheRig.Read(cache, 0, 0, KvPart.Keys, [0, CacheRig.BlockCount], 31, 2));
        Assert.Throws<ArgumentException>(() => CacheRig.Read(cache, 0, 0, KvPart.Keys, [0], 31, 2));
        Assert.Throws<ArgumentException>(() => cache.ReadRows(0, 0, KvPart.Keys, [0], 0, 2, new byte[2 * 68 - 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.WriteRows(1, 0, KvPart.Keys, [0], 0, 1, new byte[68]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.WriteRows(0, 0, (KvPart)2, [0], 0, 1, new byte[68]));
        Assert.Empty(CacheRig.Read(cache, 0, 0, KvPart.Values, [], 0, 0));
    }
}
