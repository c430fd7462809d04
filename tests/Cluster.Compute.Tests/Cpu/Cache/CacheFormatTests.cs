using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cpu.Cache;

/// <summary>Groups hold exactly the codes and scales of the file format, in attention's order.</summary>
public unsafe class CacheFormatTests
{
    private const int HeadDim = 64;

    public static TheoryData<TensorType> Types => [.. KvCacheFormat.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Rows_written_in_any_order_come_back_as_the_file_format_keeps_them(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        var rowBytes = (int)trait.BytesFor(HeadDim);
        using var group = new AlignedMemory(CpuKvCache.GroupTokens * rowBytes);
        using var workspace = new AttentionWorkspace();
        workspace.Reserve(16, 0, HeadDim);
        var (keys, values) = (CacheFormats.Keys(type), CacheFormats.Values(type));
        var slots = Enumerable.Range(0, CpuKvCache.GroupTokens).Reverse().ToArray();

        // One unit query a row reads a key back element by element through the very kernel that attention uses.
        foreach (var slot in slots) keys.Write(Row(slot), [new CacheSlot(group.Pointer, slot)]);
        for (var element = 0; element < HeadDim; element++)
        {
            var query = new float[HeadDim];
            query[element] = 1;
            workspace.Rows = 1;
            fixed (float* pointer = query) keys.LoadQuery(workspace, 0, pointer, 1);
            keys.Score(workspace, group.Pointer, 0);
            foreach (var slot in slots) Assert.Equal(Rounded(trait, Row(slot))[element], workspace.Scores[slot] * workspace.RowScale[0], 1e-6f);
        }

        // One token with all the weight reads a value back.
        foreach (var slot in slots) values.Write(Row(slot), [new CacheSlot(group.Pointer, slot)]);
        workspace.ValueGroups[0] = group.Pointer;
        for (var slot = 0; slot < CpuKvCache.GroupTokens; slot++)
        {
            new Span<float>(workspace.Scores, AttentionWorkspace.TileTokens).Clear();
            workspace.Scores[slot] = 1;
            (workspace.Keep[0], workspace.Weight[0], workspace.Visible[0]) = (0, 1, CpuKvCache.GroupTokens);
            new Span<float>(workspace.Output, HeadDim).Clear();
            values.Accumulate(workspace, CpuKvCache.GroupTokens);
            var expected = Rounded(trait, Row(slot));
            Assert.InRange(Difference.NormalizedMeanSquare(expected, new Span<float>(workspace.Output, HeadDim)), 0, 1e-8);
        }
    }

    private static float[] Row(int slot) => RandomValues.Normal(50 + slot, HeadDim);

    private static float[] Rounded(TensorTrait trait, float[] row)
    {
        var bytes = new byte[trait.BytesFor(row.Length)];
        RowQuantizer.Quantize(trait, row, bytes, null);
        var rounded = new float[row.Length];
        trait.Dequantize(bytes, rounded);
        return rounded;
    }
}
