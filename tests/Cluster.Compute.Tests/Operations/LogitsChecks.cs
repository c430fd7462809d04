using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What every device's summaries of logits are held to.</summary>
internal static class LogitsChecks
{
    public const int VocabularyStart = 1000;

    public static void RowsMatchTheReference(IDevice device, int width, int candidates, float temperature, ulong? noiseSeed)
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
        AssertEqual(expected, Summarize(device, logits, width, batch, 1, 2));
    }

    public static void TheLowestIdWinsAmongEquals(IDevice device)
    {
        var logits = RandomValues.Normal(62, 9000);
        foreach (var i in new[] { 8500, 4000, 17, 8300, 18 }) logits[i] = 50;
        var batch = new StepBatch();
        batch.LogitsRows.Add(new LogitsRow(0, 3, 1, null, 0, 0, 0));
        var output = Summarize(device, logits, logits.Length, batch, 0, 1);
        Assert.Equal([VocabularyStart + 17, VocabularyStart + 18, VocabularyStart + 4000], output.CandidateIds.Span.ToArray());
    }

    public static void LogSumExpNeitherOverflowsNorVanishes(IDevice device, float shift)
    {
        var logits = Array.ConvertAll(RandomValues.Normal(63, 300), logit => logit + shift);
        logits[7] = float.NegativeInfinity;
        var batch = new StepBatch();
        batch.LogitsRows.Add(new LogitsRow(0, 1, 0.25f, null, 0, 0, 0));
        var expected = new StepOutput();
        ReferenceLogits.Summarize(logits, VocabularyStart, batch.LogitsRows[0], [], expected);
        AssertEqual(expected, Summarize(device, logits, logits.Length, batch, 0, 1));
    }

    public static StepOutput Summarize(IDevice device, float[] logits, int width, StepBatch batch, int firstRow, int rowCount)
    {
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
