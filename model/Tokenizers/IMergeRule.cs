namespace Cluster.Model.Tokenizers;

/// <summary>Says which neighbours may become one symbol, and which go first.</summary>
internal interface IMergeRule
{
    /// <param name="left">Token of the left symbol, or -1.</param>
    /// <param name="right">Token of the right symbol, or -1.</param>
    /// <param name="bytes">What both symbols stand for together.</param>
    /// <param name="priority">Lower goes first; among equals, the leftmost.</param>
    /// <param name="merged">Token of the symbol that replaces both.</param>
    bool TryMerge(int left, int right, ReadOnlySpan<byte> bytes, out uint priority, out int merged);
}
