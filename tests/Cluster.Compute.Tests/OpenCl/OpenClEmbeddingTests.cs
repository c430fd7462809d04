using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Cpu.Elementwise;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClEmbeddingTests(OpenClTestDevice opencl)
{
    private const int Rows = 37;
    private static readonly int[] s_tokenIds = [5, 0, 36, 5, 17, 22];

    public static TheoryData<TensorType, bool> Types()
    {
        var data = new TheoryData<TensorType, bool>();
        foreach (var trait in TensorTraits.All) data.Add(trait.Type, trait.BlockSize == 32);
        return data;
    }

    [OpenClTheory]
    [MemberData(nameof(Types))]
    public void Rows_match_the_reference(TensorType type, bool isMapped)
    {
        const int Columns = 512;
        var values = RandomValues.Normal(11, Rows * Columns);
        var bytes = new byte[TensorTraits.Get(type).BytesFor(values.Length)];
        TensorTraits.Get(type).Quantize(values, bytes);
        using var weights = new ArrayWeights(bytes, isMapped);
        using var table = opencl.Device.LoadEmbedding(new MatrixSource
        {
            Name = "token_embd.weight",
            Type = type,
            SourceColumns = Columns,
            RowStart = 3,
            Rows = Rows - 3,
            ColumnStart = 256,
            Columns = 256,
            Reader = weights,
        });
        using var output = opencl.Device.Allocate(s_tokenIds.Length * 256);
        int[] ids = [.. s_tokenIds.Select(id => Math.Min(id, Rows - 4))];
        opencl.Device.Embed(table, ids, output);
        var whole = ReferenceEmbedding.Embed(bytes, type, Columns, [.. ids.Select(id => id + 3)]);
        var expected = Enumerable.Range(0, ids.Length).SelectMany(t => whole[(t * Columns + 256)..((t + 1) * Columns)]).ToArray();
        Assert.Equal(expected, output.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => opencl.Device.Embed(table, [Rows - 3], output));
    }
}
