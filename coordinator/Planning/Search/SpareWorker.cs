using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>A worker that the plan leaves out.</summary>
/// <param name="Worker">Who.</param>
/// <param name="Reason">Why, in a few words.</param>
internal sealed record SpareWorker(Member Worker, string Reason);
