using Cluster.Compute.Cpu;
using Cluster.Compute.Cpu.Matrices;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cpu.Matrices;

public sealed unsafe class RowParallelTests
{
    private const int Rows = 40;
    private const int Columns = 1280;

    public static TheoryData<TensorType> Types() => new(TensorTraits.All.Select(trait => trait.Type));

    [Theory]
    [MemberData(nameof(Types))]
    public void The_sum_of_parts_has_the_same_bits_however_columns_are_cut(TensorType type)
    {
        const int Tokens = 33;
        var unit = Math.Max(32, TensorTraits.Get(type).BlockSize);
        var source = TestTensor.Normal(type, Rows, Columns, seed: 4, bias: true);
        var input = TestTensor.Activations(Tokens, Columns, seed: 5);
        var residual = TestTensor.Activations(Tokens, Rows, seed: 6);
        var random = new Random(7);
        foreach (var isa in MatMulRunner.SupportedIsas)
        {
            // Without fused multiply-add a quantized product is rounded before the grid rounds it, and then ties are not rare.
            if (isa == CpuIsa.Portable && TensorTraits.Get(type).BlockSize > 1) continue;
            var whole = Sum(isa, source, input, residual, Tokens, [0, Columns]);
            Assert.Contains(whole, value => value != whole[0]);
            for (var ranks = 2; ranks <= 9; ranks++)
            {
                var inner = Enumerable.Range(0, ranks - 1).Select(_ => random.Next(1, Columns / unit) * unit).Order();
                int[] cuts = [0, .. inner, Columns];
                var sum = Sum(isa, source, input, residual, Tokens, cuts);
                var unlike = whole.Zip(sum).Count(pair => pair.First != pair.Second);
                Assert.True(unlike == 0, $"{isa}, cut at {string.Join(", ", cuts)}: {unlike} of {whole.Length} sums differ");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_token_gives_the_same_bits_among_any_number_of_others(TensorType type)
    {
        const int Most = 70;
        var source = TestTensor.Normal(type, Rows, Columns, seed: 8, bias: true);
        var input = TestTensor.Activations(Most, Columns, seed: 9);
        var residual = TestTensor.Activations(Most, Rows, seed: 10);
        foreach (var isa in MatMulRunner.SupportedIsas)
        {
            var all = Sum(isa, source, input, residual, Most, [0, Columns]);
            foreach (var tokens in new[] { 1, 2, 3, 5, 12, 33 })
            {
                var first = Most - tokens;
                var some = Sum(isa, source, input[(first * Columns)..], residual[(first * Rows)..], tokens, [0, Columns]);
                Assert.True(all.AsSpan(first * Rows).SequenceEqual(some), $"{isa}, {tokens} tokens");
            }
        }
    }

    [Theory]
    [InlineData(TensorType.F32)]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    public void Plain_weights_lose_nothing_to_the_grid(TensorType type)
    {
        const int Tokens = 9;
        var source = TestTensor.Normal(type, Rows, Columns, seed: 11);
        var input = TestTensor.Activations(Tokens, Columns, seed: 12);
        var expected = new float[Tokens * Rows];
        ReferenceMatMul.Run([ReferenceMatrix.Load(source)], input, Tokens, expected);

        // A residual fifty times the sums: half a step of the grid is then a good thousandth of a sum.
        var residual = TestTensor.Activations(Tokens, Rows, seed: 13).Select(value => value * 1800).ToArray();
        foreach (var isa in MatMulRunner.SupportedIsas)
        {
            var actual = Sum(isa, source, input, residual, Tokens, [0, 256, Columns]);
            Assert.InRange(TestTensor.NormalizedError(expected, actual), 0, 1e-10);
        }
    }

    /// <summary>What ranks that hold the columns between <paramref name="cuts"/> sum up to, tokens × rows.</summary>
    private static float[] Sum(CpuIsa isa, MatrixSource source, float[] input, float[] residual, int tokens, int[] cuts)
    {
        using var team = new ThreadTeam(2);
        using var operation = new MatMulOperation(team, isa);
        float[]? sum = null;
        var planes = 1;
        for (var rank = 0; rank + 1 < cuts.Length; rank++)
        {
            var (start, columns) = (cuts[rank], cuts[rank + 1] - cuts[rank]);
            if (columns == 0) continue;
            using var matrix = CpuMatrixLoader.Load(
                source with { ColumnStart = start, Columns = columns, Bias = rank == 0 ? source.Bias : default }, team);
            planes = matrix.SumPlanes;
            var part = new float[planes * tokens * Rows];
            var owned = Enumerable.Range(0, tokens).SelectMany(t => input.AsSpan(t * Columns + start, columns).ToArray()).ToArray();
            fixed (float* x = owned, r = residual, y = part) operation.RunRowParallel(matrix, x, r, tokens, y);
            sum = sum is null ? part : [.. sum.Zip(part, (left, right) => left + right)];
        }

        return [.. Enumerable.Range(0, tokens * Rows).Select(i => planes == 1 ? sum![i] : sum![i] + sum[tokens * Rows + i])];
    }
}
