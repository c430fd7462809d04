namespace Cluster.Model.Sampling;

/// <summary>
/// What the ranks returned for one row, merged: every known token by descending logit, and what that says about the others. Ranks
/// return their highest logits, so a token that is not known comes after the last candidate of its rank. Reused from row to row.
/// </summary>
internal sealed class CandidateTable
{
    private Candidate[] _candidates = new Candidate[64];
    private int _count;

    /// <summary>Known tokens, best first.</summary>
    public ReadOnlySpan<Candidate> Known => _candidates.AsSpan(0, _count);

    /// <summary>So many of <see cref="Known"/> are the best of the whole vocabulary; the unknown tokens come after them.</summary>
    public int CertainCount { get; private set; }

    /// <summary>Whether every token of the vocabulary is known.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>No unknown token's logit is above it.</summary>
    public float Floor { get; private set; }

    /// <summary>Tokens of the vocabulary that are not known.</summary>
    public int UnknownCount { get; private set; }

    /// <exception cref="SamplingException">A logit is not a number, or the answers lack part of the vocabulary.</exception>
    public void Load(in CandidateQuery query, ReadOnlySpan<RankCandidates> ranks, LogitAdjuster adjuster, int vocabularySize)
    {
        _count = 0;
        int requested = 0, floorId = int.MaxValue;
        Floor = float.NegativeInfinity;
        IsComplete = true;
        foreach (ref readonly RankCandidates rank in ranks)
        {
            requested += rank.RequestedIds.Length;
            AddRequested(rank, adjuster);
            AddCandidates(rank);
            int count = rank.CandidateIds.Length;
            if (count < query.CandidateCount) continue; // its part has no more
            IsComplete = false;
            if (count == 0) throw new ArgumentException("A query without candidates leaves the best token unknown.", nameof(query));
            float lastLogit = rank.CandidateLogits.Span[count - 1];
            int lastId = rank.CandidateIds.Span[count - 1];
            if (Candidate.Compare(lastLogit, lastId, Floor, floorId) < 0) (Floor, floorId) = (lastLogit, lastId);
        }
        UnknownCount = vocabularySize - _count;
        if (UnknownCount == 0) IsComplete = true;
        if (requested != query.RequestedIds.Length || UnknownCount < 0 || (IsComplete && UnknownCount > 0))
        {
            throw new SamplingException(
                $"position {query.Position}: {ranks.Length} ranks returned {_count} of {vocabularySize} tokens and {requested} of {query.RequestedIds.Length} requested ones");
        }
        _candidates.AsSpan(0, _count).Sort(Candidate.BestFirst);
        CertainCount = _count;
        if (IsComplete) return;
        while (CertainCount > 0 && Candidate.Compare(_candidates[CertainCount - 1].Logit, _candidates[CertainCount - 1].Id, Floor, floorId) > 0)
            CertainCount--;
    }

    private void AddRequested(in RankCandidates rank, LogitAdjuster adjuster)
    {
        ReadOnlySpan<int> ids = rank.RequestedIds.Span;
        ReadOnlySpan<float> logits = rank.RequestedLogits.Span[..ids.Length];
        for (int i = 0; i < ids.Length; i++) Add(new Candidate(ids[i], adjuster.Adjust(ids[i], logits[i]), logits[i], true));
    }

    private void AddCandidates(in RankCandidates rank)
    {
        ReadOnlySpan<int> ids = rank.CandidateIds.Span;
        ReadOnlySpan<float> logits = rank.CandidateLogits.Span[..ids.Length];
        for (int i = 0; i < ids.Length; i++) Add(new Candidate(ids[i], logits[i], logits[i], false));
    }

    private void Add(Candidate candidate)
    {
        if (!(candidate.Logit < float.PositiveInfinity)) throw new SamplingException($"the logit of token {candidate.Id} is {candidate.Logit}");
        if (_count == _candidates.Length) Array.Resize(ref _candidates, _count * 2);
        _candidates[_count++] = candidate;
    }
}
