namespace Cluster.Model.Tokenizers;

/// <summary>Says which neighbours may become one symbol, and which go first.</summary>
internal interface IMergeRule
{
    /// <param name="pair">What both symbols stand for together.</param>
    /// <param name="leftLength">How many bytes of it are the left symbol's.</param>
    /// <param name="priority">Lower goes first; among equals, the leftmost.</param>
    bool TryMerge(ReadOnlySpan<byte> pair, int leftLength, out uint priority);
}
