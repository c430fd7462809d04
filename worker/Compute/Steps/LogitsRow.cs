namespace Cluster.Compute.Steps;

/// <summary>What is wanted of the logits after one token.</summary>
/// <param name="Token">Index of the token in the batch.</param>
/// <param name="CandidateCount">Best candidates to return; the requested ids are not among them.</param>
/// <param name="Temperature">
/// What logits are divided by in the log-sum-exp and, with noise, in the candidates' order; 1 leaves them as they are.
/// </param>
/// <param name="NoiseSeed">
/// Not null: candidates are ordered by logit / Temperature + Gumbel(NoiseSeed, Position, id), so that the first is an exact sample.
/// Null: by logit.
/// </param>
/// <param name="Position">Position of the token being chosen; keys the noise.</param>
/// <param name="FirstRequested">Index in <see cref="StepBatch.RequestedIds"/> of the ids whose logits are wanted whatever they are.</param>
/// <param name="RequestedCount">How many of them; sorted ascending, no duplicates.</param>
public readonly record struct LogitsRow(
    int Token, int CandidateCount, float Temperature, ulong? NoiseSeed, int Position, int FirstRequested, int RequestedCount)
{
    /// <param name="index">Its number among the step's, for the error.</param>
    /// <exception cref="ArgumentException">No logits can be summed up like that.</exception>
    internal void Check(int index)
    {
        if (CandidateCount < 0 || !(Temperature > 0))
            throw new ArgumentException($"logits row {index}: {CandidateCount} candidates at temperature {Temperature}");
    }
}
