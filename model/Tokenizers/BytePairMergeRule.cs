namespace Cluster.Model.Tokenizers;

/// <summary>BPE: a pair merges when there is a rule for it, the earliest rule first.</summary>
internal readonly struct BytePairMergeRule(MergeTable merges) : IMergeRule
{
    public bool TryMerge(ReadOnlySpan<byte> pair, int leftLength, out uint priority)
    {
        int rank = merges.Find(pair, leftLength);
        priority = (uint)rank;
        return rank >= 0;
    }
}
