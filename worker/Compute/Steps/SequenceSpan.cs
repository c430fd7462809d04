namespace Cluster.Compute.Steps;

/// <summary>One sequence's tokens in a step: consecutive in the batch and in position.</summary>
/// <param name="FirstToken">Index of its first token in the batch.</param>
/// <param name="TokenCount">Its tokens in this step.</param>
/// <param name="StartPosition">Position of its first token; earlier ones are in the cache.</param>
/// <param name="FirstBlock">Index of its block table in <see cref="StepBatch.BlockTable"/>.</param>
/// <param name="BlockCount">Blocks of its table; they hold positions 0 to StartPosition + TokenCount - 1.</param>
public readonly record struct SequenceSpan(int FirstToken, int TokenCount, int StartPosition, int FirstBlock, int BlockCount);
