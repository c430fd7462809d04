using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Operations;

/// <summary>A small cache of any device, one sequence in it, and what every device's is held to.</summary>
internal static class CacheRig
{
    public const int HeadDim = 64;
    public const int KvHeads = 2;
    public const int QueryHeads = 2;
    public const int BlockTokens = 32;
    public const int BlockCount = 6;

    /// <summary>The sequence's blocks.</summary>
    public static readonly int[] Table = [4, 0, 5];

    public static AttentionShape Attention { get; } = new(QueryHeads, KvHeads, HeadDim, 1);

    public static KvCacheShape Shape(params ReadOnlySpan<KvLayerFormat> layers) =>
        new() { Layers = [.. layers], KvHeadCount = KvHeads, HeadDim = HeadDim, BlockTokens = BlockTokens, BlockCount = BlockCount };

    public static byte[] Read(KvCacheShard cache, int layer, int head, KvPart part, int[] table, int first, int count)
    {
        var rows = new byte[count * cache.Shape.RowBytes(layer, part)];
        cache.ReadRows(layer, head, part, table, first, count, rows);
        return rows;
    }

    /// <summary>Appends the first tokens of the sequence to layer 0 in one step. What the device made of their [queries | keys | values].</summary>
    public static float[] Append(IDevice device, KvCacheShard cache, int tokens)
    {
        using var buffer = device.Buffer(RandomValues.Normal(67, tokens * Attention.QkvWidth));
        var batch = new StepBatch();
        batch.Sequences.Add(new SequenceSpan(0, tokens, 0, 0, Table.Length));
        foreach (var block in Table) batch.BlockTable.Add(block);
        for (var i = 0; i < tokens; i++)
        {
            batch.TokenIds.Add(i);
            batch.Positions.Add(i);
        }

        device.BeginStep(batch, new RotaryTable([1, 0.1f], RopeStyle.Interleaved, 1));
        device.RotateAndAppend(buffer, Attention, cache, 0);
        device.Synchronize();
        return buffer.ToArray();
    }

    public static void RowsComeBackByteForByteAndLeaveOthersAlone(IDevice device, TensorType type)
    {
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
                    cache.WriteRows(layer, head, part, Table, start, end - start, rows[head].AsSpan(start * bytes, (end - start) * bytes));
            }

            for (var head = 0; head < KvHeads; head++)
            {
                Assert.Equal(rows[head], Read(cache, layer, head, part, Table, 0, 96));
                Assert.Equal(rows[head][(37 * bytes)..(77 * bytes)], Read(cache, layer, head, part, Table, 37, 40));
            }
        }

        cache.CopyBlock(4, 1);
        Assert.Equal(Read(cache, 0, 1, KvPart.Values, Table, 0, BlockTokens), Read(cache, 0, 1, KvPart.Values, [1], 0, BlockTokens));
    }
}
