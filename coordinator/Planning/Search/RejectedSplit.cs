namespace Cluster.Coordinator.Planning.Search;

/// <summary>A split that was not chosen.</summary>
/// <param name="Candidate">The best of its size.</param>
/// <param name="Reason">Why not, in a few words.</param>
internal sealed record RejectedSplit(SplitCandidate Candidate, string Reason);
