using Cluster.Model.Sampling;

namespace Cluster.Model.Tests.Sampling;

/// <summary>A row of logits divided among ranks, which answer queries as workers do: with f32 sums, for their own part only.</summary>
internal sealed class SplitRow(float[] row, int[] bounds)
{
    /// <summary>Cuts a row at random places into as many non-empty parts as given.</summary>
    public static SplitRow AtRandom(Random random, float[] row, int parts)
    {
        int[] inner = [.. Enumerable.Range(1, row.Length - 1).OrderBy(_ => random.Next()).Take(parts - 1).Order()];
        return new SplitRow(row, [0, .. inner, row.Length]);
    }

    public RankCandidates[] Answer(CandidateQuery query)
    {
        var answers = new RankCandidates[bounds.Length - 1];
        for (int rank = 0; rank < answers.Length; rank++) answers[rank] = Answer(query, bounds[rank], bounds[rank + 1]);
        return answers;
    }

    /// <summary>Asks until a token is chosen.</summary>
    public SampleResult Sample(TokenSampler sampler, int[] tokens, int promptLength, out int rounds)
    {
        CandidateQuery query = sampler.Query(tokens, promptLength);
        for (rounds = 1; rounds < 20; rounds++)
        {
            SampleResult result = sampler.Sample(query, Answer(query));
            if (result.NextQuery is not CandidateQuery next) return result;
            query = next;
        }
        throw new InvalidOperationException($"No token is chosen after {rounds} rounds.");
    }

    private RankCandidates Answer(CandidateQuery query, int start, int end)
    {
        int[] requested = [.. query.RequestedIds.ToArray().Where(id => id >= start && id < end)];
        int[] candidates =
        [
            .. Enumerable.Range(start, end - start)
                .Where(id => !requested.Contains(id))
                .OrderByDescending(id => query.NoiseSeed is ulong seed
                    ? row[id] / query.Temperature + GumbelNoise.Sample(seed, query.Position, id)
                    : row[id])
                .ThenBy(id => id)
                .Take(query.CandidateCount),
        ];
        return new RankCandidates(
            LogSumExp(start, end, query.Temperature), LogSumExp(start, end, 1),
            candidates, candidates.Select(id => row[id]).ToArray(), requested, requested.Select(id => row[id]).ToArray());
    }

    private float LogSumExp(int start, int end, float temperature)
    {
        float largest = row[start..end].Max() / temperature, sum = 0;
        for (int id = start; id < end; id++) sum += MathF.Exp(row[id] / temperature - largest);
        return largest + MathF.Log(sum);
    }
}
