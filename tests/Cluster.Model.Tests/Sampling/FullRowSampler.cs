using Cluster.Model.Sampling;

namespace Cluster.Model.Tests.Sampling;

/// <summary>Reference: chooses a token from a whole row of logits, by the book.</summary>
internal static class FullRowSampler
{
    public static int Sample(SamplingOptions options, ulong seed, float[] row, int[] tokens, int promptLength)
    {
        float[] logits = Adjust(options, row, tokens, promptLength);
        int[] order = [.. Enumerable.Range(0, row.Length).OrderByDescending(id => logits[id]).ThenBy(id => id)];
        if (options.Temperature == 0) return order[0];

        double best = logits[order[0]];
        double Mass(int id) => Math.Exp((logits[id] - best) / options.Temperature);

        if (options.TopK > 0) order = [.. order.Take(options.TopK)];
        if (options.TopP < 1)
        {
            double total = order.Sum(Mass), before = 0;
            var kept = new List<int>();
            foreach (int id in order)
            {
                if (kept.Count > 0 && before >= options.TopP * total) break;
                kept.Add(id);
                before += Mass(id);
            }
            order = [.. kept];
        }
        if (options.MinP > 0) order = [.. order.Where(id => Mass(id) >= options.MinP)];
        return order.OrderByDescending(id => logits[id] / options.Temperature + GumbelNoise.Sample(seed, tokens.Length, id)).ThenBy(id => id).First();
    }

    private static float[] Adjust(SamplingOptions options, float[] row, int[] tokens, int promptLength)
    {
        float[] logits = [.. row];
        foreach ((int id, float bias) in options.LogitBias ?? new Dictionary<int, float>()) logits[id] += bias;
        int first = options.PenaltyWindow < 0 ? 0 : Math.Max(0, tokens.Length - options.PenaltyWindow);
        for (int id = 0; id < logits.Length; id++)
        {
            int inText = tokens[first..].Count(token => token == id);
            int generated = tokens.Skip(Math.Max(first, promptLength)).Count(token => token == id);
            if (inText > 0) logits[id] = logits[id] > 0 ? logits[id] / options.RepetitionPenalty : logits[id] * options.RepetitionPenalty;
            if (generated > 0) logits[id] -= generated * options.FrequencyPenalty + options.PresencePenalty;
        }
        return logits;
    }
}
