using Cluster.Compute.Steps;
using Cluster.Model.Sampling;

namespace Cluster.Compute.Reference;

/// <summary>Defines <see cref="Devices.IDevice.SummarizeLogits"/>.</summary>
internal static class ReferenceLogits
{
    /// <summary>Appends what row <paramref name="row"/> wants of <paramref name="logits"/>, this rank's part of the vocabulary.</summary>
    public static void Summarize(float[] logits, int vocabularyStart, LogitsRow row, int[] requested, StepOutput output)
    {
        var scored = new List<(float Score, int Id)>();
        for (var i = 0; i < logits.Length; i++)
        {
            var id = vocabularyStart + i;
            if (!requested.Contains(id)) scored.Add((Score(logits[i], id, row), id));
        }

        scored.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Id.CompareTo(b.Id));
        var (firstCandidate, firstRequested) = (output.CandidateIds.Count, output.RequestedIds.Count);
        var candidates = Math.Min(row.CandidateCount, scored.Count);
        for (var i = 0; i < candidates; i++)
        {
            output.CandidateIds.Add(scored[i].Id);
            output.CandidateLogits.Add(logits[scored[i].Id - vocabularyStart]);
        }

        foreach (var id in requested)
        {
            if (id < vocabularyStart || id >= vocabularyStart + logits.Length) continue;
            output.RequestedIds.Add(id);
            output.RequestedLogits.Add(logits[id - vocabularyStart]);
        }

        output.Summaries.Add(new LogitsSummary(
            LogSumExp(logits, row.Temperature), LogSumExp(logits, 1), firstCandidate, candidates, firstRequested,
            output.RequestedIds.Count - firstRequested));
    }

    private static float Score(float logit, int id, LogitsRow row) =>
        row.NoiseSeed is { } seed ? GumbelNoise.Score(logit, row.Temperature, GumbelNoise.Sample(seed, row.Position, id)) : logit;

    private static float LogSumExp(float[] logits, double temperature)
    {
        var largest = double.NegativeInfinity;
        foreach (var logit in logits) largest = Math.Max(largest, logit / temperature);
        var sum = 0d;
        foreach (var logit in logits) sum += Math.Exp(logit / temperature - largest);
        return (float)(largest + Math.Log(sum));
    }
}
