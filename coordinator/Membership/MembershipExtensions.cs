namespace Cluster.Coordinator.Membership;

internal static class MembershipExtensions
{
    /// <summary>The first snapshot that meets the condition, the current one included.</summary>
    public static async Task<MembershipSnapshot> WhenAsync(
        this IMembership membership, Func<MembershipSnapshot, bool> condition, CancellationToken cancellationToken)
    {
        var snapshot = membership.Current;
        while (!condition(snapshot)) snapshot = await membership.NewerThanAsync(snapshot.Version, cancellationToken).ConfigureAwait(false);
        return snapshot;
    }
}
