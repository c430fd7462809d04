using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Cache.Rounding;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cpu.Cache.Rounding;

public class RowRoundingTests
{
    private const int HeadDim = 64;

    public static TheoryData<TensorType> Types => [TensorType.Q4_0, TensorType.Q4_1, TensorType.Q5_0, TensorType.Q5_1, TensorType.IQ4_NL];

    [Theory]
    [MemberData(nameof(Types))]
    public void Fitted_scales_leave_less_error_than_covering_the_range(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        var (fitted, covering) = (0d, 0d);
        for (var seed = 0; seed < 200; seed++)
        {
            var row = RandomValues.Normal(300 + seed, HeadDim, 2);
            var bytes = new byte[trait.BytesFor(HeadDim)];
            trait.Quantize(row, bytes);
            covering += SquaredError(trait, row, bytes);
            fitted += SquaredError(trait, row, Rounded(trait, row, null));
        }

        // What the least-squares scale saved when it was written: 5 to 15 %, and less where the codec searches too.
        Assert.InRange(fitted / covering, 0.7, 0.97);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Weighted_rounding_costs_less_behind_the_output_projection(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        var gram = Gram();
        foreach (var rotation in new[] { 0, 64 })
        {
            using var weights = new OutputWeights(gram, HeadDim, rotation);
            var (nearest, weighted) = (0d, 0d);
            for (var seed = 0; seed < 100; seed++)
            {
                var row = RandomValues.Normal(600 + seed, HeadDim);
                nearest += Cost(gram, Error(trait, row, Rounded(trait, row, null)), rotation);
                weighted += Cost(gram, Error(trait, row, Rounded(trait, row, weights)), rotation);
            }

            Assert.InRange(weighted / nearest, 0.2, 0.75);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Where_every_direction_costs_the_same_each_element_goes_to_the_nearest(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        var gram = new float[HeadDim * HeadDim];
        for (var i = 0; i < HeadDim; i++) gram[i * HeadDim + i] = 3;
        using var weights = new OutputWeights(gram, HeadDim, 0);
        var row = RandomValues.Normal(700, HeadDim);
        Assert.Equal(Rounded(trait, row, null), Rounded(trait, row, weights));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Rows_of_one_value_come_back(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        using var weights = new OutputWeights(Gram(), HeadDim, 0);
        foreach (var value in new[] { 0, 1.5f, -0.25f })
        {
            var row = new float[HeadDim];
            Array.Fill(row, value);
            foreach (var error in Error(trait, row, Rounded(trait, row, weights))) Assert.InRange(error, -0.01 * Math.Abs(value), 0.01 * Math.Abs(value));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Numbers_out_of_range_give_codes_all_the_same(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        using var weights = new OutputWeights(Gram(), HeadDim, 0);
        var row = RandomValues.Normal(701, HeadDim);
        (row[3], row[40]) = (float.NaN, float.PositiveInfinity);
        Assert.Equal(trait.BytesFor(HeadDim), Rounded(trait, row, weights).Length);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Rows_that_are_rounded_together_come_out_as_each_alone(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        foreach (var headDim in new[] { 32, 64, 96 })
        {
            using var weights = new OutputWeights(Gram(headDim), headDim, 0);
            float[][] rows = [.. Enumerable.Range(0, 5).Select(row => RandomValues.Normal(710 + row, headDim, 1 + row))];
            var together = new byte[rows.Length * trait.BytesFor(headDim)];
            RowQuantizer.Quantize(trait, rows.SelectMany(row => row).ToArray(), rows.Length, together, weights);
            Assert.Equal(rows.SelectMany(row => Rounded(trait, row, weights)), together);
        }
    }

    private static byte[] Rounded(TensorTrait trait, float[] row, OutputWeights? weights)
    {
        var bytes = new byte[trait.BytesFor(row.Length)];
        RowQuantizer.Quantize(trait, row, bytes, weights);
        return bytes;
    }

    private static double[] Error(TensorTrait trait, float[] row, byte[] blocks)
    {
        var decoded = new float[row.Length];
        trait.Dequantize(blocks, decoded);
        return [.. decoded.Zip(row, (a, b) => (double)a - b)];
    }

    private static double SquaredError(TensorTrait trait, float[] row, byte[] blocks) => Error(trait, row, blocks).Sum(e => e * e);

    /// <summary>Of a projection whose rows prefer few directions, as trained ones do.</summary>
    private static float[] Gram(int headDim = HeadDim)
    {
        const int Rows = 96;
        var projection = RandomValues.Normal(800, Rows * headDim);
        var gram = new float[headDim * headDim];
        for (var row = 0; row < Rows; row++)
        {
            var strength = 1f / (1 + row);
            for (var i = 0; i < headDim; i++)
            {
                for (var j = 0; j < headDim; j++) gram[i * headDim + j] += strength * projection[row * headDim + i] * projection[row * headDim + j];
            }
        }

        return gram;
    }

    /// <summary>eᵀ·G·e of the error as it is when the rotation is undone.</summary>
    private static double Cost(float[] gram, double[] error, int rotation)
    {
        var e = Array.ConvertAll(error, x => (float)x);
        Reference.ReferenceAttention.Spread(e, rotation);
        var cost = 0d;
        for (var i = 0; i < HeadDim; i++)
        {
            for (var j = 0; j < HeadDim; j++) cost += (double)e[i] * gram[i * HeadDim + j] * e[j];
        }

        return cost;
    }
}
