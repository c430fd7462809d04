using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Operations;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Cpu.Logits;

public class LogitsTests
{
    [Theory]
    [InlineData(1, 1, 1f, null)]
    [InlineData(13, 40, 0.7f, null)] // more candidates than there are
    [InlineData(8192, 1, 1f, null)]
    [InlineData(20_003, 64, 0.5f, null)]
    [InlineData(20_003, 0, 2f, null)]
    [InlineData(20_003, 1, 0.7f, 5ul)]
    [InlineData(20_003, 30, 1f, 6ul)]
    [InlineData(13, 4, 3f, 7ul)]
    [InlineData(20_003, 2, 0.01f, 8ul)]
    public void Rows_match_the_reference(int width, int candidates, float temperature, ulong? noiseSeed)
    {
        foreach (var threads in new[] { 1, 3 })
        {
            using var device = TestDevices.Open(threads);
            LogitsChecks.RowsMatchTheReference(device, width, candidates, temperature, noiseSeed);
        }
    }

    [Fact]
    public void The_lowest_id_wins_among_equals()
    {
        using var device = TestDevices.Open(2);
        LogitsChecks.TheLowestIdWinsAmongEquals(device);
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    public void Log_sum_exp_neither_overflows_nor_vanishes(float shift)
    {
        using var device = TestDevices.Open(1);
        LogitsChecks.LogSumExpNeitherOverflowsNorVanishes(device, shift);
    }

    [Fact]
    public void Output_is_appended()
    {
        var logits = RandomValues.Normal(64, 500);
        var batch = new StepBatch();
        for (var i = 0; i < 2; i++) batch.LogitsRows.Add(new LogitsRow(i, 2, 1, null, i, 0, 0));
        using var device = TestDevices.Open(1);
        using var buffer = device.Buffer(logits);
        var output = new StepOutput();
        device.SummarizeLogits(buffer, 500, 0, batch, 0, 1, output);
        device.SummarizeLogits(buffer, 500, 0, batch, 1, 1, output);
        Assert.Equal(2, output.Summaries.Count);
        Assert.Equal(2, output.Summaries[1].FirstCandidate);
        Assert.Equal(output.CandidateIds[0], output.CandidateIds[2]);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    public void A_temperature_that_nothing_can_be_divided_by_is_refused(float temperature)
    {
        var batch = new StepBatch();
        batch.LogitsRows.Add(new LogitsRow(0, 1, temperature, null, 0, 0, 0));
        using var device = TestDevices.Open(1);
        Assert.Throws<ArgumentException>(() => LogitsChecks.Summarize(device, RandomValues.Normal(65, 8), 8, batch, 0, 1));
    }
}
