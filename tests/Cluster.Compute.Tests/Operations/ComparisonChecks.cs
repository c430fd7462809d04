using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What every device's comparisons of logits with a baseline's are held to.</summary>
internal static class ComparisonChecks
{
    /// <summary>Rows near their baselines, one of them with an impossible token.</summary>
    public static void RowsMatchTheReference(IDevice device, int width, int rows)
    {
        var baseline = RandomValues.Normal(71, width * rows, 4);
        var noise = RandomValues.Normal(72, width * rows, 1e-3f);
        var logits = baseline.Select((value, i) => value + noise[i]).ToArray();
        logits[0] = baseline[0] = float.NegativeInfinity;
        var output = Compare(device, logits, baseline, width, rows);
        Assert.Equal(rows, output.Divergences.Count);
        for (var row = 0; row < rows; row++)
        {
            AssertEqual(
                ReferenceComparison.Compare(logits.AsSpan(row * width, width), baseline.AsSpan(row * width, width)), output.Divergences[row]);
        }
    }

    public static StepOutput Compare(IDevice device, float[] logits, float[] baseline, int width, int rows)
    {
        using var buffer = device.Buffer(logits);
        using var other = device.Buffer(baseline);
        var output = new StepOutput();
        device.CompareLogits(buffer, other, width, rows, output);
        return output;
    }

    public static void AssertEqual(LogitsDivergence expected, LogitsDivergence actual)
    {
        Assert.Equal(expected.BaselineLogSumExp, actual.BaselineLogSumExp, 1e-11);
        Assert.Equal(expected.LogSumExp, actual.LogSumExp, 1e-11);
        Assert.Equal(expected.MeanDifference, actual.MeanDifference, 1e-11);
    }
}
