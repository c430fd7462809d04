using Cluster.Compute.Cpu;
using Cluster.Compute.Cpu.Matrices;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cpu.Matrices;

public sealed unsafe class MatMulOperationTests
{
    private const double RoundingError = MatMulChecks.RoundingError;

    public static TheoryData<TensorType, int> TypesAndTokens()
    {
        var data = new TheoryData<TensorType, int>();
        foreach (var trait in TensorTraits.All)
        {
            foreach (var tokens in new[] { 1, 2, 3, 7, 33 }) data.Add(trait.Type, tokens);
        }

        return data;
    }

    public static TheoryData<TensorType> Types() => new(TensorTraits.All.Select(trait => trait.Type));

    [Theory]
    [MemberData(nameof(TypesAndTokens))]
    public void Agrees_with_the_reference_to_rounding_where_codes_are_exact(TensorType type, int tokens)
    {
        var block = TensorTraits.Get(type).BlockSize;
        foreach (var columns in MatMulChecks.ColumnCounts(block))
        {
            var input = TestTensor.ExactActivations(tokens, columns, seed: columns + tokens);
            foreach (var (rows, threads) in new[] { (1, 1), (16, 3), (17, 1), (131, 2) })
            {
                var source = TestTensor.Normal(type, rows, columns, seed: rows, bias: rows % 2 == 1);
                foreach (var isa in MatMulRunner.SupportedIsas)
                {
                    var (expected, actual) = MatMulRunner.Run(isa, threads, input, tokens, source);
                    AssertError(RoundingError, expected, actual, $"{isa} {rows} x {columns}, {threads} threads");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndTokens))]
    public void Stays_within_the_error_of_int8_activations(TensorType type, int tokens)
    {
        var trait = TensorTraits.Get(type);
        var input = TestTensor.Activations(tokens, 512, seed: tokens);
        var source = TestTensor.Normal(type, 50, 512, seed: 3);
        foreach (var isa in MatMulRunner.SupportedIsas)
        {
            var (expected, actual) = MatMulRunner.Run(isa, 2, input, tokens, source);
            AssertError(trait.IsQuantized ? MatMulChecks.QuantizationError : RoundingError, expected, actual, isa.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Nothing_saturates_at_the_ends_of_levels_and_codes(TensorType type)
    {
        foreach (var tokens in new[] { 1, 4 })
        {
            var input = TestTensor.ExactActivations(tokens, 256, seed: 5, extreme: true);
            var source = TestTensor.Extreme(type, 48, 256, seed: 9);
            foreach (var isa in MatMulRunner.SupportedIsas)
            {
                var (expected, actual) = MatMulRunner.Run(isa, 1, input, tokens, source);
                AssertError(RoundingError, expected, actual, $"{isa} {tokens}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Scales_below_the_normal_range_of_f16_lose_nothing(TensorType type)
    {
        // Rows of a panel from 1e-9 to 1 and blocks of all sizes among them: in f16 the smallest scales are subnormal or zero.
        foreach (var largest in new[] { 1f, 1e-5f })
        {
            var source = TestTensor.Fading(type, 40, 512, seed: 8, largest);
            var input = TestTensor.ExactActivations(5, 512, seed: 6);
            foreach (var isa in MatMulRunner.SupportedIsas)
            {
                var (expected, actual) = MatMulRunner.Run(isa, 1, input, 5, source);
                for (var row = 0; row < 40; row++)
                {
                    var column = Enumerable.Range(0, 5).Select(t => expected[t * 40 + row]).ToArray();
                    if (column.All(value => value == 0)) continue;
                    AssertError(1e-11, column, Enumerable.Range(0, 5).Select(t => actual[t * 40 + row]).ToArray(), $"{isa} row {row}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Largest_sums_of_one_sign_do_not_overflow(TensorType type)
    {
        // Every weight of a row and every activation has the sign that makes all products positive.
        var source = TestTensor.Extreme(type, 32, 256, seed: 21);
        var decoded = Cluster.Compute.Reference.ReferenceMatrix.Load(source);
        var input = new float[32 * 256];
        for (var row = 0; row < 32; row++)
        {
            for (var c = 0; c < 256; c++) input[row * 256 + c] = decoded.Row(row)[c] < 0 ? -127 : 127;
        }

        foreach (var isa in MatMulRunner.SupportedIsas)
        {
            var (expected, actual) = MatMulRunner.Run(isa, 1, input, 32, source);
            AssertError(RoundingError, expected, actual, isa.Name);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(290)]
    public void Several_matrices_of_unlike_types_share_one_input(int tokens)
    {
        var input = TestTensor.ExactActivations(tokens, 512, seed: 1);
        var sources = new[]
        {
            TestTensor.Normal(TensorType.Q4_K, 70, 512, seed: 2, bias: true),
            TestTensor.Normal(TensorType.F16, 9, 512, seed: 3),
            TestTensor.Normal(TensorType.Q6_K, 40, 512, seed: 4),
            TestTensor.Normal(TensorType.Q8_0, 1, 512, seed: 5),
            TestTensor.Normal(TensorType.F32, 33, 512, seed: 6, bias: true),
        };
        var (expected, actual) = MatMulRunner.Run(CpuIsa.Best, 3, input, tokens, sources);
        AssertError(RoundingError, expected, actual, "");
    }

    [Fact]
    public void One_token_gives_the_same_bits_on_any_number_of_threads()
    {
        var input = TestTensor.Activations(1, 256, seed: 1);
        var source = TestTensor.Normal(TensorType.Q4_0, 200, 256, seed: 2);
        var (_, alone) = MatMulRunner.Run(CpuIsa.Best, 1, input, 1, source);
        foreach (var threads in new[] { 2, 3 })
        {
            Assert.Equal(alone, MatMulRunner.Run(CpuIsa.Best, threads, input, 1, source).Actual);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_token_gives_the_same_bits_among_any_number_of_others(TensorType type)
    {
        const int Most = 70, Rows = 40;
        foreach (var columns in MatMulChecks.ColumnCounts(TensorTraits.Get(type).BlockSize))
        {
            var input = TestTensor.Activations(Most, columns, seed: columns);
            var source = TestTensor.Normal(type, Rows, columns, seed: 11, bias: columns % 3 == 0);
            foreach (var isa in MatMulRunner.SupportedIsas)
            {
                var (_, all) = MatMulRunner.Run(isa, 2, input, Most, source);
                foreach (var tokens in new[] { 1, 2, 3, 4, 5, 6, 7, 12, 13, 33, 64, 69 })
                {
                    // The last tokens, so that each comes at another place in its tile.
                    var (_, some) = MatMulRunner.Run(isa, 1, input[((Most - tokens) * columns)..], tokens, source);
                    Assert.True(all.AsSpan((Most - tokens) * Rows).SequenceEqual(some), $"{isa} {columns} columns, {tokens} tokens");
                }
            }
        }
    }

    [Fact]
    public void Zero_activations_give_the_bias()
    {
        var source = TestTensor.Normal(TensorType.Q4_0, 20, 64, seed: 2, bias: true);
        var (_, actual) = MatMulRunner.Run(CpuIsa.Best, 1, new float[2 * 64], 2, source);
        Assert.Equal(source.Bias.ToArray(), actual[..20]);
        Assert.Equal(source.Bias.ToArray(), actual[20..]);
    }

    [Theory]
    [InlineData(TensorType.Q4_0)]
    [InlineData(TensorType.F16)]
    public void A_size_seen_before_allocates_nothing(TensorType type)
    {
        using var team = new ThreadTeam(2);
        using var operation = new MatMulOperation(team);
        using var first = CpuMatrixLoader.Load(TestTensor.Normal(type, 700, 256, seed: 1), team);
        using var second = CpuMatrixLoader.Load(TestTensor.Normal(type, 30, 256, seed: 2), team);
        Matrix[] matrices = [first, second];
        var input = TestTensor.Activations(20, 256, seed: 3);
        var output = new float[20 * 730];
        fixed (float* x = input, y = output)
        {
            // The runtime itself may allocate a little the first time a thread has to wait; a step that allocates does so every time.
            var allocated = long.MaxValue;
            for (var attempt = 0; attempt < 4 && allocated != 0; attempt++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < 20; i++)
                {
                    operation.Run(matrices, x, 20, y);
                    operation.Run(matrices, x, 1, y);
                    operation.Run(matrices, x, 7, y);
                }

                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.Equal(0, allocated);
        }
    }

    [Fact]
    public void Matrices_of_different_columns_are_refused()
    {
        using var device = TestDevices.Open(1);
        MatMulChecks.MatricesOfDifferentColumnsAreRefused(device);
    }

    [Fact]
    public void An_instruction_set_that_is_not_there_is_refused()
    {
        using var team = new ThreadTeam(1);
        foreach (var isa in Enum.GetValues<CpuIsa>().Where(isa => !isa.IsSupported))
        {
            Assert.Throws<PlatformNotSupportedException>(() => new MatMulOperation(team, isa));
        }
    }

    private static void AssertError(double bound, float[] expected, float[] actual, string what)
    {
        var error = TestTensor.NormalizedError(expected, actual);
        Assert.True(error <= bound, $"{what}: normalised mean-square error {error:g3} above {bound:g3}");
    }
}
