using Cluster.Coordinator.Planning;

namespace Cluster.Coordinator.Sessions;

/// <summary>Told what becomes of the sessions that serve one after the other.</summary>
internal interface ISessionObserver
{
    /// <summary>Shards are about to be loaded.</summary>
    void Planned(ClusterPlan plan);

    /// <summary>Steps are executed from now on.</summary>
    void Serving(ModelSession session);

    /// <summary>No step is executed now, and requests wait.</summary>
    /// <param name="reason">Why, in one line.</param>
    void Interrupted(string reason);

    /// <summary>All that were interrupted go on.</summary>
    void Recovered(RecoveryTimes times);
}
