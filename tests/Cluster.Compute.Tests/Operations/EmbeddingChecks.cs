using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Cpu.Elementwise;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What every device's tables of embeddings are held to.</summary>
internal static class EmbeddingChecks
{
    private const int Rows = 37;

    /// <summary>All formats, some from a mapped file.</summary>
    public static TheoryData<TensorType, bool> Types()
    {
        var data = new TheoryData<TensorType, bool>();
        foreach (var trait in TensorTraits.All) data.Add(trait.Type, trait.BlockSize == 32);
        return data;
    }

    public static void RowsOfAPartOfATableMatchTheReference(IDevice device, TensorType type, bool isMapped)
    {
        const int Columns = 512, Half = Columns / 2, RowStart = 3;
        var values = RandomValues.Normal(11, Rows * Columns);
        var bytes = new byte[TensorTraits.Get(type).BytesFor(values.Length)];
        TensorTraits.Get(type).Quantize(values, bytes);
        using var weights = new ArrayWeights(bytes, isMapped);
        using var table = device.LoadEmbedding(new MatrixSource
        {
            Name = "token_embd.weight",
            Type = type,
            SourceColumns = Columns,
            RowStart = RowStart,
            Rows = Rows - RowStart,
            ColumnStart = Half,
            Columns = Half,
            Reader = weights,
        });
        int[] ids = [5, 0, Rows - RowStart - 1, 5, 17, 22];
        using var output = device.Allocate(ids.Length * Half);
        device.Embed(table, ids, output);
        var whole = ReferenceEmbedding.Embed(bytes, type, Columns, [.. ids.Select(id => id + RowStart)]);
        var expected = Enumerable.Range(0, ids.Length).SelectMany(t => whole[(t * Columns + Half)..((t + 1) * Columns)]).ToArray();
        Assert.Equal(expected, output.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Embed(table, [Rows - RowStart], output));
    }
}
