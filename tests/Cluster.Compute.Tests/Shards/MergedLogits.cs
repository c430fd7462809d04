using Cluster.Compute.Steps;

namespace Cluster.Compute.Tests.Shards;

/// <summary>One logits row put together from the ranks of the last stage.</summary>
internal sealed record MergedLogits(double LogSumExp, (int Id, float Logit)[] Candidates, IReadOnlyDictionary<int, float> Requested)
{
    public static MergedLogits Merge(IEnumerable<StepOutput> ranks, int row)
    {
        var sum = 0.0;
        var candidates = new List<(int Id, float Logit)>();
        var requested = new Dictionary<int, float>();
        foreach (var output in ranks)
        {
            var summary = output.Summaries[row];
            sum += Math.Exp(summary.LogSumExp);
            for (var i = 0; i < summary.CandidateCount; i++)
            {
                candidates.Add((output.CandidateIds[summary.FirstCandidate + i], output.CandidateLogits[summary.FirstCandidate + i]));
            }

            for (var i = 0; i < summary.RequestedCount; i++)
            {
                requested.Add(output.RequestedIds[summary.FirstRequested + i], output.RequestedLogits[summary.FirstRequested + i]);
            }
        }

        return new MergedLogits(Math.Log(sum), [.. candidates.OrderByDescending(c => c.Logit).ThenBy(c => c.Id)], requested);
    }
}
