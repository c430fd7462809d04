namespace Cluster.Model.Tokenizers;

/// <summary>SPM: a pair merges when its text is a token, the most likely token first.</summary>
internal readonly struct ScoreMergeRule(TokenTable tokens, uint[] priorities) : IMergeRule
{
    public bool TryMerge(ReadOnlySpan<byte> pair, int leftLength, out uint priority)
    {
        int merged = tokens.Find(pair);
        priority = merged >= 0 ? priorities[merged] : 0;
        return merged >= 0;
    }

    /// <summary>An integer that is lower for a higher score; not-a-number comes last.</summary>
    public static uint Priority(float score)
    {
        if (float.IsNaN(score))
            return uint.MaxValue;
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f); // makes one zero of both
        uint ascending = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ~ascending;
    }
}
