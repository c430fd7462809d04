namespace Cluster.Compute.Cpu.Attention;

/// <summary>A piece of attention work: some query tokens of one sequence, all query heads of one KV head, a range of the context or all of it.</summary>
/// <param name="Sequence">Index of the sequence in the step.</param>
/// <param name="FirstToken">Index of the first query token in the batch.</param>
/// <param name="TokenCount">Query tokens.</param>
/// <param name="KvHead">KV head of this rank.</param>
/// <param name="Start">First position, the start of a range.</param>
/// <param name="End">Position after the last.</param>
/// <param name="Range">Index of the one range that the item is, or -1 when it is the whole context.</param>
/// <param name="RangeCount">Ranges of the context.</param>
/// <param name="Output">Index of the split output, which counts its finished ranges.</param>
/// <param name="Partials">Where the split output's partial results begin, in f32 elements.</param>
internal readonly record struct AttentionItem(
    int Sequence, int FirstToken, int TokenCount, int KvHead, int Start, int End, int Range, int RangeCount, int Output, long Partials);
