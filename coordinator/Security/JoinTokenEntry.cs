using Cluster.Coordinator.Api.Keys;

namespace Cluster.Coordinator.Security;

/// <summary>What is kept of a join token.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Hash">Of its secret.</param>
/// <param name="Expires">When it ends.</param>
/// <param name="UsesLeft">Workers that it still lets in; null for any number.</param>
/// <param name="Label">What its maker called it.</param>
internal sealed record JoinTokenEntry(string Id, KeyHash Hash, DateTimeOffset Expires, int? UsesLeft, string? Label)
{
    public bool IsUsable(DateTimeOffset now) => now < Expires && UsesLeft is null or > 0;
}
