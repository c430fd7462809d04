using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Sessions;

namespace Cluster.Coordinator.Page;

/// <summary>What there is to see of a cluster that serves a model. Set by one, read by all.</summary>
internal sealed class ClusterView(TimeProvider time)
{
    private volatile IMembership? _membership;
    private volatile ModelSession? _session;

    public ClusterEvents Events { get; } = new(time);

    /// <summary>Where workers are members; null before they can join.</summary>
    public IMembership? Membership => _membership;

    /// <summary>Who is in the cluster.</summary>
    public MembershipSnapshot Members => _membership?.Current ?? MembershipSnapshot.Empty;

    /// <summary>The model as it is loaded, the last one too when it is lost; null before the first.</summary>
    public ModelSession? Session => _session;

    /// <summary>Shows <paramref name="membership"/> from now on, and tells of its changes until disposed.</summary>
    public IAsyncDisposable Follow(IMembership membership)
    {
        _membership = membership;
        return new MembershipFollower(membership, Events);
    }

    /// <summary>Shows <paramref name="session"/> from now on.</summary>
    public void Show(ModelSession session) => _session = session;
}
