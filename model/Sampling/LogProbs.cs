namespace Cluster.Model.Sampling;

/// <summary>Log-probabilities under the model (temperature 1, no bias, no penalties) from the ranks' answers for one row.</summary>
public static class LogProbs
{
    /// <summary>ln Σ exp(logit) over the whole vocabulary.</summary>
    public static double LogSumExp(ReadOnlySpan<RankCandidates> ranks)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (ref readonly RankCandidates rank in ranks) largest = Math.Max(largest, rank.LogSumExpPlain);
        foreach (ref readonly RankCandidates rank in ranks) sum += Math.Exp(rank.LogSumExpPlain - largest);
        return largest + Math.Log(sum);
    }

    /// <summary>Log-probability of a token that was requested by id.</summary>
    /// <exception cref="SamplingException">No rank returned it.</exception>
    public static double OfRequested(ReadOnlySpan<RankCandidates> ranks, int tokenId)
    {
        foreach (ref readonly RankCandidates rank in ranks)
        {
            int index = rank.RequestedIds.Span.IndexOf(tokenId);
            if (index >= 0) return rank.RequestedLogits.Span[index] - LogSumExp(ranks);
        }
        throw new SamplingException($"no rank returned the logit of token {tokenId}");
    }

    /// <summary>
    /// The most probable tokens, best first. Exact when the query was without noise and for at least <paramref name="count"/> candidates.
    /// </summary>
    public static TokenLogProb[] Top(ReadOnlySpan<RankCandidates> ranks, int count)
    {
        if (count == 0) return [];
        var best = new List<(float Logit, int Id)>(count + 1);
        foreach (ref readonly RankCandidates rank in ranks)
        {
            Insert(best, count, rank.CandidateIds.Span, rank.CandidateLogits.Span);
            Insert(best, count, rank.RequestedIds.Span, rank.RequestedLogits.Span);
        }
        double total = LogSumExp(ranks);
        var result = new TokenLogProb[best.Count];
        for (int i = 0; i < result.Length; i++) result[i] = new TokenLogProb(best[i].Id, (float)(best[i].Logit - total));
        return result;
    }

    private static void Insert(List<(float Logit, int Id)> best, int count, ReadOnlySpan<int> ids, ReadOnlySpan<float> logits)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            int place = best.Count;
            while (place > 0 && Candidate.Compare(logits[i], ids[i], best[place - 1].Logit, best[place - 1].Id) < 0) place--;
            if (place == count) continue;
            best.Insert(place, (logits[i], ids[i]));
            if (best.Count > count) best.RemoveAt(count);
        }
    }
}
