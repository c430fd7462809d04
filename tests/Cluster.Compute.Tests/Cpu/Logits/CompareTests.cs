using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Operations;
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
        foreach (var threads in new[] { 1, 3 })
        {
            using var device = TestDevices.Open(threads);
            ComparisonChecks.RowsMatchTheReference(device, width, rows);
        }
    }

    [Fact]
    public void A_tiny_divergence_is_not_lost_in_rounding()
    {
        const int Width = 32_000;
        var baseline = RandomValues.Normal(73, Width, 3);
        var noise = RandomValues.Normal(74, Width, 1e-3f);
        var logits = baseline.Select((value, i) => value + noise[i]).ToArray();

        var actual = Compare(logits, baseline, Width, threads: 2);

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
            ComparisonChecks.AssertEqual(ReferenceComparison.Compare(logits, baseline), Compare(logits, baseline, width, threads: 1));
        }

        ComparisonChecks.AssertEqual(ReferenceComparison.Compare(logits, nothing), Compare(logits, nothing, width, threads: 1));
        Assert.Equal(double.PositiveInfinity, Compare(nothing, baseline, width, threads: 1).MeanDifference);
    }

    private static LogitsDivergence Compare(float[] logits, float[] baseline, int width, int threads)
    {
        using var device = TestDevices.Open(threads);
        return ComparisonChecks.Compare(device, logits, baseline, width, rows: 1).Divergences[0];
    }
}
