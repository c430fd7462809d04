using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cpu.Elementwise;

public class EmbeddingTests
{
    private const int Rows = 37;
    private static readonly int[] s_tokenIds = [5, 0, 36, 5, 17, 22];

    [Theory]
    [InlineData(TensorType.F32, 64, true)]
    [InlineData(TensorType.F32, 13, false)]
    [InlineData(TensorType.F16, 24, true)]
    [InlineData(TensorType.Q8_0, 64, false)]
    [InlineData(TensorType.Q4_0, 96, true)]
    [InlineData(TensorType.Q6_K, 256, false)]
    public void Rows_match_the_reference_in_place_and_copied(TensorType type, int columns, bool isMapped)
    {
        var bytes = Encode(type, columns);
        using var weights = new ArrayWeights(bytes, isMapped);
        using var device = TestDevices.Open(2);
        using var table = device.LoadEmbedding(Source(type, columns, weights));
        Assert.Equal(isMapped ? 0 : bytes.Length, table.Bytes);
        using var output = device.Allocate(s_tokenIds.Length * columns);
        device.Embed(table, s_tokenIds, output);
        Assert.Equal(ReferenceEmbedding.Embed(bytes, type, columns, s_tokenIds), output.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_part_of_a_table_is_cut_out(bool isMapped)
    {
        var bytes = Encode(TensorType.Q8_0, 96);
        using var weights = new ArrayWeights(bytes, isMapped);
        using var device = TestDevices.Open(1);
        using var table = device.LoadEmbedding(Source(TensorType.Q8_0, 96, weights) with { RowStart = 10, Rows = 20, ColumnStart = 32, Columns = 64 });
        using var output = device.Allocate(2 * 64);
        device.Embed(table, [0, 19], output);
        var whole = ReferenceEmbedding.Embed(bytes, TensorType.Q8_0, 96, [10, 29]);
        Assert.Equal([.. whole[32..96], .. whole[128..192]], output.ToArray());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Rows)]
    public void A_token_that_is_not_in_the_table_is_refused(int tokenId)
    {
        using var weights = new ArrayWeights(Encode(TensorType.F16, 16), isMapped: true);
        using var device = TestDevices.Open(1);
        using var table = device.LoadEmbedding(Source(TensorType.F16, 16, weights));
        using var output = device.Allocate(16);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Embed(table, [tokenId], output));
    }

    private static byte[] Encode(TensorType type, int columns)
    {
        var values = RandomValues.Normal(11, Rows * columns);
        var bytes = new byte[TensorTraits.Get(type).BytesFor(values.Length)];
        TensorTraits.Get(type).Quantize(values, bytes);
        return bytes;
    }

    private static MatrixSource Source(TensorType type, int columns, IWeightReader weights) => new()
    {
        Name = "token_embd.weight",
        Type = type,
        SourceColumns = columns,
        RowStart = 0,
        Rows = Rows,
        ColumnStart = 0,
        Columns = columns,
        Reader = weights,
    };
}
