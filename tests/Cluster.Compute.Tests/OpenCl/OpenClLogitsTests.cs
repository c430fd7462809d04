using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Operations;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClLogitsTests(OpenClTestDevice opencl)
{
    [OpenClTheory]
    [InlineData(13, 40, 0.7f, null)] // more candidates than there are
    [InlineData(20_003, 64, 0.5f, null)]
    [InlineData(20_003, 30, 1f, 6ul)]
    public void Rows_match_the_reference(int width, int candidates, float temperature, ulong? noiseSeed) =>
        LogitsChecks.RowsMatchTheReference(opencl.Device, width, candidates, temperature, noiseSeed);

    [OpenClFact]
    public void The_lowest_id_wins_among_equals() => LogitsChecks.TheLowestIdWinsAmongEquals(opencl.Device);

    [OpenClTheory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    public void Log_sum_exp_neither_overflows_nor_vanishes(float shift) => LogitsChecks.LogSumExpNeitherOverflowsNorVanishes(opencl.Device, shift);

    [OpenClFact]
    public void Comparisons_match_the_reference()
    {
        const int Width = 5003, Rows = 3;
        var baseline = RandomValues.Normal(71, Width * Rows, 4);
        var noise = RandomValues.Normal(72, Width * Rows, 1e-3f);
        var logits = baseline.Select((value, i) => value + noise[i]).ToArray();
        using var buffer = opencl.Device.Buffer(logits);
        using var other = opencl.Device.Buffer(baseline);
        var output = new StepOutput();
        opencl.Device.CompareLogits(buffer, other, Width, Rows, output);
        for (var row = 0; row < Rows; row++)
        {
            var expected = ReferenceComparison.Compare(logits.AsSpan(row * Width, Width), baseline.AsSpan(row * Width, Width));
            Assert.Equal(expected.MeanDifference, output.Divergences[row].MeanDifference, 1e-11);
            Assert.Equal(expected.LogSumExp, output.Divergences[row].LogSumExp, 1e-11);
        }
    }
}
