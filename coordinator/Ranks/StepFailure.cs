namespace Cluster.Coordinator.Ranks;

/// <summary>Why a step did not complete.</summary>
/// <param name="Kind">Who is to blame.</param>
/// <param name="Rank">The rank it began with.</param>
/// <param name="Message">One line for the user, naming the worker.</param>
internal sealed record StepFailure(StepFailureKind Kind, int Rank, string Message);
