using System.Security.Cryptography;

namespace Cluster.Model.Sampling;

/// <summary>
/// Chooses one sequence's next tokens from what the ranks of the last stage tell about their parts of the vocabulary: the same token
/// that would be chosen from the whole row of logits, whatever the split.
/// </summary>
/// <remarks>
/// For each row: <see cref="Query"/>, ask the ranks, <see cref="Sample"/>; while the result carries a further query, ask and sample again.
/// Greedy and plain temperature sampling need one candidate a rank and never a second round. Filters need the best tokens and, for
/// top-p, their share of the whole mass: a second round happens when the first answer does not settle which token wins.
/// One instance a sequence, one row at a time; not thread-safe. Nothing is allocated for greedy and plain temperature sampling
/// without log-probabilities, once buffers have grown.
/// <para>
/// Room is left for token masks (grammars): a mask's allowed ids are requested ids, and then nothing else is a candidate.
/// </para>
/// </remarks>
public sealed class TokenSampler
{
    // Most rows settle within this many; a further round multiplies it, so that even a flat row needs few rounds.
    private const int FirstCandidateCount = 128, CandidateGrowth = 8;

    private readonly SamplingOptions _options;
    private readonly int _vocabularySize;
    private readonly LogitAdjuster _adjuster;
    private readonly CandidateTable _table = new();
    private readonly Contenders _contenders = new();

    /// <param name="options">Valid ones: see <see cref="SamplingOptions.Validate"/>.</param>
    /// <param name="vocabularySize">Tokens of all ranks together.</param>
    public TokenSampler(SamplingOptions options, int vocabularySize)
    {
        if (options.Validate(vocabularySize) is [SamplingOptionError error, ..]) throw new ArgumentException(error.Message, nameof(options));
        _options = options;
        _vocabularySize = vocabularySize;
        _adjuster = new LogitAdjuster(options);
        Seed = options.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    }

    /// <summary>The seed in use: the options', or one drawn at random. With it another instance continues the same text.</summary>
    public ulong Seed { get; }

    /// <summary>
    /// Whether it chooses the best of the ranks' first candidates, whatever the text is: so they can agree on the token when they have answered, and
    /// what to ask about the next row is known before.
    /// </summary>
    public bool TakesFirstCandidate =>
        (_options.IsGreedy || IsNoiseOrdered) && !_options.HasPenalty && _options.LogitBias is not { Count: > 0 };

    /// <summary>What to ask the ranks about the row after the last of <paramref name="tokens"/>.</summary>
    /// <param name="tokens">The sequence's whole text, prompt first. It only grows from call to call.</param>
    /// <param name="promptLength">How many of them are the prompt; presence and frequency penalties look at the others.</param>
    public CandidateQuery Query(ReadOnlySpan<int> tokens, int promptLength) => QueryOf(tokens.Length, _adjuster.Update(tokens, promptLength));

    /// <summary>As <see cref="Query"/> after <paramref name="position"/> tokens, some of which are not known yet.</summary>
    /// <exception cref="InvalidOperationException">The question depends on them: see <see cref="TakesFirstCandidate"/>.</exception>
    public CandidateQuery QueryAhead(int position) =>
        TakesFirstCandidate ? QueryOf(position, default) : throw new InvalidOperationException("What is asked depends on the text.");

    /// <summary>Chooses a token, or says what else must be asked.</summary>
    /// <param name="query">The query that the answers are for.</param>
    /// <param name="ranks">The answers of all ranks of the last stage.</param>
    /// <exception cref="SamplingException">The answers lack part of the vocabulary, or a logit is not a number.</exception>
    public SampleResult Sample(in CandidateQuery query, ReadOnlySpan<RankCandidates> ranks)
    {
        if (_options.IsGreedy || IsNoiseOrdered) return Choose(BestOfAll(query, ranks), ranks);

        _table.Load(query, ranks, _adjuster, _vocabularySize);
        CheckBest(query, _table.Known.IsEmpty ? float.NegativeInfinity : _table.Known[0].Logit);
        KeptRange kept = KeptRange.Of(_options, _table, ranks);
        (int winner, float score) = BestScore(query, _table.Known[..kept.Possible]);
        // A token that wins among more than those that are kept wins among those that are kept, if it is one of them.
        if (winner >= kept.Certain || (kept.IsOpen && IsBeatenAfter(query, kept.Possible, score)))
            return SampleResult.NeedsMore(Further(query, []));
        if (kept.IsOpen)
        {
            ReadOnlySpan<int> contenders = _contenders.Find(_table, query, Seed, score, _vocabularySize);
            if (!contenders.IsEmpty) return SampleResult.NeedsMore(Further(query, contenders));
        }
        return Choose(_table.Known[winner], ranks);
    }

    private CandidateQuery QueryOf(int position, ReadOnlyMemory<int> requested)
    {
        if (_options.IsGreedy) return new CandidateQuery(Math.Max(1, _options.TopLogProbs), 1, null, position, requested);
        if (IsNoiseOrdered) return new CandidateQuery(1, _options.Temperature, Seed, position, requested);

        int count = _options.TopK > 0 ? _options.TopK : FirstCandidateCount;
        count = Math.Min(Math.Max(count, _options.TopLogProbs), _vocabularySize);
        return new CandidateQuery(count, _options.Temperature, null, position, requested);
    }

    // Log-probabilities need the best tokens without noise, and then the draw is settled from those.
    private bool IsNoiseOrdered => !_options.IsGreedy && !_options.HasFilter && _options.TopLogProbs == 0;

    private SampleResult Choose(Candidate chosen, ReadOnlySpan<RankCandidates> ranks)
    {
        // A logit that is not a number is nobody's best candidate, but it spoils its rank's sum.
        double total = LogProbs.LogSumExp(ranks);
        if (!double.IsFinite(total)) throw new SamplingException($"the sum over all tokens' logits is {total}");
        var token = new TokenLogProb(chosen.Id, (float)(chosen.RawLogit - total));
        return SampleResult.Chosen(token, _options.TopLogProbs == 0 ? default : LogProbs.Top(ranks, _options.TopLogProbs));
    }

    // The ranks' own best and every requested token, by adjusted logit or, with noise, by score.
    private Candidate BestOfAll(in CandidateQuery query, ReadOnlySpan<RankCandidates> ranks)
    {
        ulong stream = GumbelNoise.Stream(Seed, query.Position);
        bool isNoisy = query.NoiseSeed is not null;
        Candidate best = default;
        float bestScore = float.NegativeInfinity;
        int requested = 0;
        foreach (ref readonly RankCandidates rank in ranks)
        {
            requested += rank.RequestedIds.Length;
            for (int i = 0; i < rank.CandidateIds.Length; i++) Consider(rank.CandidateIds.Span[i], rank.CandidateLogits.Span[i], false);
            for (int i = 0; i < rank.RequestedIds.Length; i++) Consider(rank.RequestedIds.Span[i], rank.RequestedLogits.Span[i], true);
        }
        if (requested != query.RequestedIds.Length)
            throw new SamplingException($"position {query.Position}: ranks returned {requested} of {query.RequestedIds.Length} requested tokens");
        CheckBest(query, bestScore);
        return best;

        void Consider(int id, float rawLogit, bool isRequested)
        {
            float logit = isRequested ? _adjuster.Adjust(id, rawLogit) : rawLogit;
            if (!(logit < float.PositiveInfinity)) throw new SamplingException($"the logit of token {id} is {logit}");
            float score = isNoisy ? GumbelNoise.Score(logit, _options.Temperature, GumbelNoise.FromBits(GumbelNoise.Bits(stream, id))) : logit;
            if (Candidate.Compare(score, id, bestScore, best.Id) >= 0) return;
            (best, bestScore) = (new Candidate(id, logit, rawLogit, isRequested), score);
        }
    }

    private (int Index, float Score) BestScore(in CandidateQuery query, ReadOnlySpan<Candidate> candidates)
    {
        ulong stream = GumbelNoise.Stream(Seed, query.Position);
        int best = -1;
        float bestScore = float.NegativeInfinity;
        for (int i = 0; i < candidates.Length; i++)
        {
            float score = Score(query, stream, candidates[i]);
            if (best >= 0 && Candidate.Compare(score, candidates[i].Id, bestScore, candidates[best].Id) >= 0) continue;
            (best, bestScore) = (i, score);
        }
        return (best, bestScore);
    }

    // Whether a known token of which it is not known whether it is kept beats the score.
    private bool IsBeatenAfter(in CandidateQuery query, int start, float score)
    {
        ulong stream = GumbelNoise.Stream(Seed, query.Position);
        foreach (ref readonly Candidate candidate in _table.Known[start..])
        {
            if (Score(query, stream, candidate) >= score) return true;
        }
        return false;
    }

    // Most contenders turn out to have no chance once their logits are known; then no more candidates were needed.
    private CandidateQuery Further(in CandidateQuery query, ReadOnlySpan<int> contenders)
    {
        int[] requested = [.. query.RequestedIds.Span, .. contenders];
        Array.Sort(requested);
        long count = _options.HasFilter ? Math.Min(_vocabularySize, (long)query.CandidateCount * CandidateGrowth) : query.CandidateCount;
        return query with { CandidateCount = (int)count, RequestedIds = requested };
    }

    private static float Score(in CandidateQuery query, ulong stream, in Candidate candidate) =>
        GumbelNoise.Score(candidate.Logit, query.Temperature, GumbelNoise.FromBits(GumbelNoise.Bits(stream, candidate.Id)));

    private static void CheckBest(in CandidateQuery query, float best)
    {
        if (float.IsNegativeInfinity(best)) throw new SamplingException($"position {query.Position}: no token has a probability above 0");
    }
}
