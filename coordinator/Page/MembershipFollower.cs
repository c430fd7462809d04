using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Page;

/// <summary>Tells of every worker that joins or leaves, until disposed.</summary>
internal sealed class MembershipFollower : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _following;

    public MembershipFollower(IMembership membership, ClusterEvents events) => _following = FollowAsync(membership, events);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task FollowAsync(IMembership membership, ClusterEvents events)
    {
        var known = MembershipSnapshot.Empty;
        try
        {
            while (true)
            {
                var current = await membership.NewerThanAsync(known.Version, _ending.Token).ConfigureAwait(false);
                foreach (var member in known.Members)
                {
                    if (!current.Includes(member)) events.AddDeparture(member.Name);
                }

                foreach (var member in current.Members)
                {
                    if (!known.Includes(member)) events.Add($"worker '{member.Name}' joined from {member.Address}: {member.Device.Name}");
                }

                known = current;
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // Nobody follows any more.
        }
    }
}
