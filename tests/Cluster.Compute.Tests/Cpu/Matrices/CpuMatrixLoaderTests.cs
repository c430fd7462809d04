using Cluster.Compute.Cpu;
using Cluster.Compute.Cpu.Matrices;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cpu.Matrices;

public sealed class CpuMatrixLoaderTests
{
    public static TheoryData<TensorType> Types() => new(TensorTraits.All.Select(trait => trait.Type));

    [Theory]
    [MemberData(nameof(Types))]
    public void Cuts_rows_and_columns_out_of_a_tensor(TensorType type)
    {
        var block = TensorTraits.Get(type).BlockSize;
        var whole = TestTensor.Normal(type, 90, 5 * block, seed: 1);
        var cut = whole with { RowStart = 21, Rows = 37, ColumnStart = 2 * block, Columns = 2 * block };
        var input = TestTensor.ExactActivations(1, 2 * block, seed: 2);

        var (expected, actual) = MatMulRunner.Run(CpuIsa.Best, 2, input, 1, cut);

        Assert.True(TestTensor.NormalizedError(expected, actual) < 1e-12);
    }

    [Fact]
    public void Reads_a_large_matrix_in_parts_that_stay_small()
    {
        var source = TestTensor.Normal(TensorType.F16, 1700, 1024, seed: 4);
        var input = TestTensor.Activations(1, 1024, seed: 5);

        var (expected, actual) = MatMulRunner.Run(CpuIsa.Best, 3, input, 1, source);

        Assert.True(TestTensor.NormalizedError(expected, actual) < 1e-12);
        Assert.InRange(((ArrayWeightReader)source.Reader).LongestRead, 1, 1 << 20);
    }

    [Theory]
    [InlineData(TensorType.Q4_0, 18, 32)]
    [InlineData(TensorType.Q8_0, 34, 32)]
    [InlineData(TensorType.Q6_K, 210, 256)]
    [InlineData(TensorType.Q4_K, 148, 256)]
    [InlineData(TensorType.F16, 2, 1)]
    public void Takes_the_bytes_that_it_says(TensorType type, int bytes, int columns)
    {
        using var team = new ThreadTeam(1);
        using var matrix = CpuMatrixLoader.Load(TestTensor.Normal(type, 33, 2 * columns, seed: 1), team);
        Assert.Equal(48L * 2 * bytes + 3 * sizeof(float), matrix.Bytes);
        Assert.Equal((33, 2 * columns, type), (matrix.Rows, matrix.Columns, matrix.Type));
    }

    [Theory]
    [InlineData(16, 32, 32)]
    [InlineData(0, 48, 64)]
    [InlineData(64, 32, 64)]
    [InlineData(0, 0, 64)]
    [InlineData(-32, 32, 64)]
    public void Refuses_a_cut_inside_blocks_or_outside_the_tensor(int columnStart, int columns, int sourceColumns)
    {
        using var team = new ThreadTeam(1);
        var source = TestTensor.Normal(TensorType.Q4_0, 4, 64, seed: 1) with
        {
            SourceColumns = sourceColumns,
            ColumnStart = columnStart,
            Columns = columns,
        };
        var failure = Assert.Throws<ArgumentException>(() => CpuMatrixLoader.Load(source, team));
        Assert.Contains("Q4_0 4 x 64", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_bias_of_another_length()
    {
        using var team = new ThreadTeam(1);
        MatrixSource source = TestTensor.Normal(TensorType.F32, 4, 8, seed: 1) with { Bias = new float[3] };
        Assert.Throws<ArgumentException>(() => CpuMatrixLoader.Load(source, team));
    }
}
