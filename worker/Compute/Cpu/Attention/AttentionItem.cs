namespace Cluster.Compute.Cpu.Attention;

/// <summary>A piece of attention work: some query tokens of one sequence, all query heads of one KV head, a range of the context.</summary>
/// <param name="Sequence">Index of the sequence in the step.</param>
/// <param name="FirstToken">Index of the first query token in the batch.</param>
/// <param name="TokenCount">Query tokens.</param>
/// <param name="KvHead">KV head of this rank.</param>
/// <param name="Start">First position of the range, a multiple of a group's tokens.</param>
/// <param name="End">Position after the range's last.</param>
/// <param name="Split">Index of the range's partial result among the splits of one output, or -1 when the range is all there is.</param>
/// <param name="SplitCount">Ranges that the context was split into.</param>
/// <param name="Output">Index of the split output, which counts its finished ranges.</param>
/// <param name="Partials">Where the split output's partial results begin, in f32 elements.</param>
internal readonly record struct AttentionItem(
    int Sequence, int FirstToken, int TokenCount, int KvHead, int Start, int End, int Split, int SplitCount, int Output, long Partials);
