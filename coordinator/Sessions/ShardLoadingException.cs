using System.Collections.Immutable;
using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Sessions;

/// <summary>Shards could not be loaded; a line for each.</summary>
/// <param name="message">For the user.</param>
/// <param name="workers">Where it went wrong.</param>
internal sealed class ShardLoadingException(string message, ImmutableArray<Member> workers) : ClusterException(message)
{
    public ImmutableArray<Member> Workers => workers;
}
