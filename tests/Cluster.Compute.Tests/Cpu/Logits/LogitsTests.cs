using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Cpu.Logits;

public class LogitsTests
{
    private const int VocabularyStart = 1000;

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
        int[] wanted = [3, VocabularyStart, VocabularyStart + width / 2, VocabularyStart + width - 1, VocabularyStart + width];
        var batch = new StepBatch();
        batch.LogitsRows.Add(new LogitsRow(0, 3, 1, null, 0, 0, 0)); // not in the range asked for
        batch.LogitsRows.Add(new LogitsRow(0, candidates, temperature, noiseSeed, 77, 0, 0));
        batch.LogitsRows.Add(new LogitsRow(1, candidates, temperature, noiseSeed, 78, 0, wanted.Length));
        wanted.Distinct().ToArray().CopyTo(batch.RequestedIds.Append(wanted.Distinct().Count()));
        batch.LogitsRows[2] = batch.LogitsRows[2] with { RequestedCount = batch.RequestedIds.Count };

        var logits = RandomValues.Normal(61, 2 * width + 1, 4)[..(2 * width)];
        var expected = new StepOutput();
        ReferenceLogits.Summarize(logits[..width], VocabularyStart, batch.LogitsRows[1], [], expected);
        ReferenceLogits.Summarize(logits[width..], VocabularyStart, batch.LogitsRows[2], batch.RequestedIds.Span.ToArray(), expected);
        foreach (var threads in new[] { 1, 3 }) AssertEqual(expected, Summarize(logits, width, batch, 1, 2, threads));
    }

    [Fact]
    public void The_lowest_id_wins_among_equals()
    {
        var logits = RandomValues.Normal(62, 9000);
        foreach (var i in new[] { 8500, 4000, 17, 8300, 18 }) logits[i] = 50;
        var batch = new StepBatch();
        batch.LogitsRows.Add(new LogitsRow(0, 3, 1, null, 0, 0, 0));
        var output = Summarize(logits, logits.Length, batch, 0, 1, 2);
        Assert.Equal([VocabularyStart + 17, VocabularyStart + 18, VocabularyStart + 4000], output.CandidateIds.Span.ToArray());
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    public void Log_sum_exp_neither_overflows_nor_vanishes(float shift)
    {
        var logits = Array.ConvertAll(RandomValues.Normal(63, 300), logit => logit + shift);
        logits[7] = float.NegativeInfinity;
        var batch = new StepBatch();
        batch.LogitsRows.Add(new LogitsRow(0, 1, 0.25f, null, 0, 0, 0));
        var expected = new StepOutput();
        ReferenceLogits.Summarize(logits, VocabularyStart, batch.LogitsRows[0], [], expected);
        AssertEqual(expected, Summarize(logits, logits.Length, batch, 0, 1, 1));
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
        Assert.Throws<ArgumentException>(() => Summarize(RandomValues.Normal(65, 8), 8, batch, 0, 1, 1));
    }

    private static StepOutput Summarize(float[] logits, int width, StepBatch batch, int firstRow, int rowCount, int threads)
    {
        using var device = TestDevices.Open(threads);
        using var buffer = device.Buffer(logits);
        var output = new StepOutput();
        device.SummarizeLogits(buffer, width, VocabularyStart, batch, firstRow, rowCount, output);
        return output;
    }

    private static void AssertEqual(StepOutput expected, StepOutput actual)
    {
        Assert.Equal(expected.CandidateIds.Span.ToArray(), actual.CandidateIds.Span.ToArray());
        Assert.Equal(expected.CandidateLogits.Span.ToArray(), actual.CandidateLogits.Span.ToArray());
        Assert.Equal(expected.RequestedIds.Span.ToArray(), actual.RequestedIds.Span.ToArray());
        Assert.Equal(expected.RequestedLogits.Span.ToArray(), actual.RequestedLogits.Span.ToArray());
        Assert.Equal(expected.Summaries.Count, actual.Summaries.Count);
        for (var i = 0; i < expected.Summaries.Count; i++)
        {
            var (one, other) = (expected.Summaries[i], actual.Summaries[i]);
            Assert.Equal(one.LogSumExp, other.LogSumExp, Math.Max(1, MathF.Abs(one.LogSumExp)) * 1e-6f);
            Assert.Equal(one.LogSumExpPlain, other.LogSumExpPlain, Math.Max(1, MathF.Abs(one.LogSumExpPlain)) * 1e-6f);
            Assert.Equal(one with { LogSumExp = 0, LogSumExpPlain = 0 }, other with { LogSumExp = 0, LogSumExpPlain = 0 });
        }
    }
}
