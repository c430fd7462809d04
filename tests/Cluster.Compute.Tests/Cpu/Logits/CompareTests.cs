using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Cpu.Logits;

public class CompareTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 2)]
    [InlineData(8192, 3)]
    [InlineData(20_003, 16)]
    public void Rows_match_the_reference(int width, int rows)
    {
        var baseline = RandomValues.Normal(71, width * rows, 4);
        var noise = RandomValues.Normal(72, width * rows, 0.02f);
        var logits = baseline.Select((value, i) => value + noise[i]).ToArray();
        foreach (var threads in new[] { 1, 3 })
        {
            var output = Compare(logits, baseline, width, rows, threads);
            Assert.Equal(rows, output.Divergences.Count);
            for (var row = 0; row < rows; row++)
            {
                var expected = ReferenceComparison.Compare(logits.AsSpan(row * width, width), baseline.AsSpan(row * width, width));
                AssertEqual(expected, output.Divergences[row]);
            }
        }
    }

    [Fact]
    public void A_tiny_divergence_is_not_lost_in_rounding()
    {
        const int Width = 32_000;
        var baseline = RandomValues.Normal(73, Width, 3);
        var noise = RandomValues.Normal(74, Width, 1e-3f);
        var logits = baseline.Select((value, i) => value + noise[i]).ToArray();

        var actual = Compare(logits, baseline, Width, 1, 2).Divergences[0];

        // For small differences the divergence is half their variance: about 5e-7.
        var divergence = actual.MeanDifference - (actual.BaselineLogSumExp - actual.LogSumExp);
        var expected = ReferenceComparison.Compare(logits, baseline);
        Assert.InRange(divergence, 4e-7, 6e-7);
        Assert.Equal(expected.MeanDifference - (expected.BaselineLogSumExp - expected.LogSumExp), divergence, 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void What_is_impossible_takes_no_part(int width)
    {
        // The baseline's own zero weights cost nothing, a part without any weight is empty, and what only the baseline can say is infinitely far.
        var logits = RandomValues.Normal(75, width);
        var baseline = RandomValues.Normal(76, width);
        var nothing = Enumerable.Repeat(float.NegativeInfinity, width).ToArray();
        if (width > 1)
        {
            logits[3] = baseline[3] = baseline[width - 1] = float.NegativeInfinity;
            AssertEqual(ReferenceComparison.Compare(logits, baseline), Compare(logits, baseline, width, 1, 1).Divergences[0]);
        }

        AssertEqual(ReferenceComparison.Compare(logits, nothing), Compare(logits, nothing, width, 1, 1).Divergences[0]);
        Assert.Equal(double.PositiveInfinity, Compare(nothing, baseline, width, 1, 1).Divergences[0].MeanDifference);
    }

    private static StepOutput Compare(float[] logits, float[] baseline, int width, int rows, int threads)
    {
        using var device = TestDevices.Open(threads);
        using var buffer = device.Buffer(logits);
        using var other = device.Buffer(baseline);
        var output = new StepOutput();
        device.CompareLogits(buffer, other, width, rows, output);
        return output;
    }

    private static void AssertEqual(LogitsDivergence expected, LogitsDivergence actual)
    {
        Assert.Equal(expected.BaselineLogSumExp, actual.BaselineLogSumExp, 1e-11);
        Assert.Equal(expected.LogSumExp, actual.LogSumExp, 1e-11);
        Assert.Equal(expected.MeanDifference, actual.MeanDifference, 1e-11);
    }
}
