namespace Cluster.Model.Sampling;

/// <summary>
/// Which of a table's known tokens top-k, top-p and min-p keep. All three keep the best tokens up to some place in the order.
/// </summary>
/// <param name="Certain">So many are kept for certain.</param>
/// <param name="Possible">So many may be kept; none of the known ones after them unless <paramref name="IsOpen"/>.</param>
/// <param name="IsOpen">Whether tokens beyond the known order, unknown ones among them, may be kept too.</param>
internal readonly record struct KeptRange(int Certain, int Possible, bool IsOpen)
{
    public static KeptRange Of(SamplingOptions options, CandidateTable table, ReadOnlySpan<RankCandidates> ranks)
    {
        // Unfiltered, every token is kept, also a known one that unknown ones may precede.
        if (!options.HasFilter) return new KeptRange(table.Known.Length, table.Known.Length, !table.IsComplete);

        int count = table.CertainCount;
        bool isOpen = !table.IsComplete;
        if (options.TopK > 0 && count >= options.TopK) (count, isOpen) = (options.TopK, false);
        var kept = new KeptRange(count, count, isOpen);
        if (options.TopP < 1) kept = kept.CutTopP(options, table, isOpen ? MassBounds.Of(table, ranks, options.Temperature) : null);
        if (options.MinP > 0) kept = kept.CutMinP(options, table);
        return kept;
    }

    // A token is kept while the mass before it has not reached top-p.
    private KeptRange CutTopP(SamplingOptions options, CandidateTable table, MassBounds? ofVocabulary)
    {
        ReadOnlySpan<Candidate> known = table.Known[..Possible];
        MassBounds total = ofVocabulary ?? Sum(known, options.Temperature);
        double low = options.TopP * total.Low, high = options.TopP * total.High, before = 0;
        int certain = Math.Min(1, known.Length);
        for (int i = 0; i < known.Length; i++)
        {
            if (i > 0 && before >= high) return new KeptRange(certain, i, false);
            if (before < low) certain = i + 1;
            before += RelativeMass(known, i, options.Temperature);
        }
        return new KeptRange(certain, known.Length, IsOpen && before < high);
    }

    private KeptRange CutMinP(SamplingOptions options, CandidateTable table)
    {
        ReadOnlySpan<Candidate> known = table.Known;
        for (int i = 1; i < Possible; i++)
        {
            if (RelativeMass(known, i, options.Temperature) < options.MinP) return new KeptRange(Math.Min(Certain, i), i, false);
        }
        return this;
    }

    private static MassBounds Sum(ReadOnlySpan<Candidate> known, double temperature)
    {
        double sum = 0;
        for (int i = 0; i < known.Length; i++) sum += RelativeMass(known, i, temperature);
        return new MassBounds(sum, sum);
    }

    private static double RelativeMass(ReadOnlySpan<Candidate> known, int index, double temperature) =>
        Math.Exp((known[index].Logit - (double)known[0].Logit) / temperature);
}
