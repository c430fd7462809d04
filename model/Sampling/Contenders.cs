using System.Runtime.InteropServices;

namespace Cluster.Model.Sampling;

/// <summary>
/// Finds the unknown tokens that could still win the draw. Their logits are at most the table's floor and their noise is known, for it
/// depends on nothing but the id: a token that would not win at the floor cannot win at all.
/// </summary>
internal sealed class Contenders
{
    private readonly List<int> _knownIds = [];
    private readonly List<int> _found = [];

    /// <summary>Ids of the tokens that could reach <paramref name="score"/>, ascending; valid until the next call.</summary>
    /// <param name="table">What is known.</param>
    /// <param name="query">Temperature and position.</param>
    /// <param name="seed">The sequence's seed.</param>
    /// <param name="score">Score of the best known token.</param>
    /// <param name="vocabularySize">Ids are below it.</param>
    public ReadOnlySpan<int> Find(CandidateTable table, in CandidateQuery query, ulong seed, float score, int vocabularySize)
    {
        _knownIds.Clear();
        _found.Clear();
        foreach (ref readonly Candidate candidate in table.Known) _knownIds.Add(candidate.Id);
        _knownIds.Sort();

        ulong stream = GumbelNoise.Stream(seed, query.Position);
        float floor = table.Floor / query.Temperature;
        for (int id = 0; id < vocabularySize; id++)
        {
            ulong bits = GumbelNoise.Bits(stream, id);
            if (floor + GumbelNoise.UpperBound(bits) < score) continue;
            if (GumbelNoise.Score(table.Floor, query.Temperature, GumbelNoise.FromBits(bits)) < score) continue;
            if (_knownIds.BinarySearch(id) < 0) _found.Add(id);
        }
        return CollectionsMarshal.AsSpan(_found);
    }
}
