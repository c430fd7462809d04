using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Engine;

/// <summary>One row of logits that a step is asked for.</summary>
/// <param name="Sequence">Who wants it.</param>
/// <param name="Token">Index in the step of the token after which the logits are wanted.</param>
/// <param name="StepRow">Index among the step's rows, which a further question about it names.</param>
/// <param name="Query">What is asked about it. Its requested ids may be overwritten once the step is built.</param>
internal readonly record struct LogitsRequest(LiveSequence Sequence, int Token, int StepRow, CandidateQuery Query);
