using Grpc.Net.Client;

namespace Cluster.Coordinator.Membership;

/// <summary>
/// Who is in the cluster, as a sequence of snapshots. The embedded registry implements it; an external store can.
/// </summary>
internal interface IMembership
{
    MembershipSnapshot Current { get; }

    /// <summary>The latest snapshot that is newer than <paramref name="version"/>, as soon as there is one.</summary>
    Task<MembershipSnapshot> NewerThanAsync(ulong version, CancellationToken cancellationToken);

    /// <summary>A way to a member's services, as the cluster's security asks for.</summary>
    GrpcChannel Connect(Member member);

    /// <summary>Tells the members that are chosen to finish and exit.</summary>
    void ShutDown(Predicate<Member> isChosen);

    /// <summary>Has a member leave as if it wanted to itself: it executes steps until it is in no plan. Repeating it is no error.</summary>
    /// <returns>False when there is no such member.</returns>
    bool Drain(string name);

    /// <summary>Refuses a worker from now on; one that is a member is drained, or cut off <paramref name="now"/>.</summary>
    /// <returns>False when it was refused already.</returns>
    bool Remove(string name, bool now);

    /// <summary>Lets a worker that was removed join again.</summary>
    /// <returns>False when it was not refused.</returns>
    bool Restore(string name);
}
