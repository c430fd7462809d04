namespace Cluster.Model.Tokenizers;

/// <summary>BPE: a pair merges when there is a rule for it, the earliest rule first.</summary>
internal readonly struct BytePairMergeRule(MergeTable merges) : IMergeRule
{
    public bool TryMerge(int left, int right, ReadOnlySpan<byte> bytes, out uint priority, out int merged)
    {
        (priority, merged) = (0, -1);
        if (left < 0 || right < 0 || !merges.TryFind(left, right, out int rank, out merged))
            return false;
        priority = (uint)rank;
        return true;
    }
}
