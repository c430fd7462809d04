using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaLogitsTests(CudaTestDevice cuda)
{
    private const int VocabularyStart = 1000;

    [CudaTheory]
    [InlineData(1, 1, 1f, null)]
    [InlineData(13, 40, 0.7f, null)] // more candidates than there are
    [InlineData(8192, 1, 1f, null)]
    [InlineData(20_003, 64, 0.5f, null)]
    [InlineData(20_003, 0, 2f, null)]
    [InlineData(20_003, 1, 0.7f, 5ul)]
    [InlineData(20_003, 30, 1f, 6ul)]
    [InlineData(13, 4, 3f, 7ul)]
    [InlineData(20_003, 2, 0.01f, 8ul)]
    [InlineData(20_003, 1500, 0.9f, 9ul)] // more than the device sorts at once
    [InlineData(20_003, 30_000, 0.9f, null)]
    public void Rows_match_the_reference(int width, int candidates, float temperature, ulong? noiseSeed)
    {
        int[] wanted = [.. new[] { 3, VocabularyStart, VocabularyStart + width / 2, VocabularyStart + width - 1, VocabularyStart + width }.Distinct()];
        var batch = new StepBatch();
        batch.LogitsRows.Add(new LogitsRow(0, 3, 1, null, 0, 0, 0)); // not in the range asked for
        batch.LogitsRows.Add(new LogitsRow(0, candidates, temperature, noiseSeed, 77, 0, 0));
        batch.LogitsRows.Add(new LogitsRow(1, candidates, temperature, noiseSeed, 78, 0, wanted.Length));
        wanted.CopyTo(batch.RequestedIds.Append(wanted.Length));

        var logits = RandomValues.Normal(61, 2 * width + 1, 4)[..(2 * width)];
        var expected = new StepOutput();
        ReferenceLogits.Summarize(logits[..width], VocabularyStart, batch.LogitsRows[1], [], expected);
        ReferenceLogits.Summarize(logits[width..], VocabularyStart, batch.LogitsRows[2], wanted, expected);
        AssertEqual(expected, Summarize(logits, width, batch, 1, 2));
    }

    [CudaFact]
    public void The_lowest_id_wins_among_equals()
    {
        var logits = RandomValues.Normal(62, 9000);
        foreach (var i in new[] { 8500, 4000, 17, 8300, 18 }) logits[i] = 50;
        var batch = new StepBatch();
        batch.LogitsRows.Add(new LogitsRow(0, 3, 1, null, 0, 0, 0));
        var output = Summarize(logits, logits.Length, batch, 0, 1);
        Assert.Equal([VocabularyStart + 17, VocabularyStart + 18, VocabularyStart + 4000], output.CandidateIds.Span.ToArray());
    }

    [CudaTheory]
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
        AssertEqual(expected, Summarize(logits, logits.Length, batch, 0, 1));
    }

    [CudaTheory]
    [InlineData(1, 1)]
    [InlineData(7, 2)]
    [InlineData(32_000, 16)]
    public void Comparisons_match_the_reference(int width, int rows)
    {
        var baseline = RandomValues.Normal(71, width * rows, 4);
        var noise = RandomValues.Normal(72, width * rows, 1e-3f);
        var logits = baseline.Select((value, i) => value + noise[i]).ToArray();
        logits[0] = float.NegativeInfinity;
        baseline[0] = float.NegativeInfinity;
        using var buffer = cuda.Device.Buffer(logits);
        using var other = cuda.Device.Buffer(baseline);
        var output = new StepOutput();
        cuda.Device.CompareLogits(buffer, other, width, rows, output);
        for (var row = 0; row < rows; row++)
        {
            var expected = ReferenceComparison.Compare(logits.AsSpan(row * width, width), baseline.AsSpan(row * width, width));
            Assert.Equal(expected.BaselineLogSumExp, output.Divergences[row].BaselineLogSumExp, 1e-11);
            Assert.Equal(expected.LogSumExp, output.Divergences[row].LogSumExp, 1e-11);
            Assert.Equal(expected.MeanDifference, output.Divergences[row].MeanDifference, 1e-11);
        }
    }

    private StepOutput Summarize(float[] logits, int width, StepBatch batch, int firstRow, int rowCount)
    {
        using var buffer = cuda.Device.Buffer(logits);
        var output = new StepOutput();
        cuda.Device.SummarizeLogits(buffer, width, VocabularyStart, batch, firstRow, rowCount, output);
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
