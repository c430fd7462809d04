using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Security;
using Cluster.Coordinator.Sessions;
using Cluster.Coordinator.Weights;

namespace Cluster.Coordinator.Page;

/// <summary>What there is to see of a cluster that serves a model. Set by one, read by all.</summary>
internal sealed class ClusterView(TimeProvider time)
{
    private volatile IMembership? _membership;
    private volatile ModelSession? _session;
    private volatile OfferedModels? _models;
    private long _fromPeers;
    private long _fromCaches;

    public ClusterEvents Events { get; } = new(time);

    /// <summary>Where workers are members; null before they can join.</summary>
    public IMembership? Membership => _membership;

    /// <summary>Who was not let into it.</summary>
    public JoinRefusals JoinRefusals { get; } = new();

    /// <summary>Who is in the cluster.</summary>
    public MembershipSnapshot Members => _membership?.Current ?? MembershipSnapshot.Empty;

    /// <summary>The model as it is loaded, the last one too when it is lost; null before the first.</summary>
    public ModelSession? Session => _session;

    /// <summary>Bytes of models that the coordinator sent to workers.</summary>
    public long WeightBytesSent => _models?.SentBytes ?? 0;

    /// <summary>Bytes of models that workers had of each other.</summary>
    public long WeightBytesFromPeers => Interlocked.Read(ref _fromPeers);

    /// <summary>Bytes of models that were in workers' caches when they were needed.</summary>
    public long WeightBytesFromCaches => Interlocked.Read(ref _fromCaches);

    /// <summary>Shows <paramref name="membership"/> from now on, and tells of its changes until disposed.</summary>
    /// <param name="membership">Who there is.</param>
    /// <param name="models">What they may fetch; null where they cannot.</param>
    public IAsyncDisposable Follow(IMembership membership, OfferedModels? models = null)
    {
        _models = models;
        _membership = membership;
        return new MembershipFollower(membership, Events);
    }

    /// <summary>Shows <paramref name="session"/> from now on.</summary>
    public void Show(ModelSession session)
    {
        _session = session;
        Interlocked.Add(ref _fromPeers, session.Shards.Sum(shard => (long)shard.FromPeersBytes));
        Interlocked.Add(ref _fromCaches, session.Shards.Sum(shard => (long)shard.FromCacheBytes));
    }
}
