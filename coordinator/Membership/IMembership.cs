namespace Cluster.Coordinator.Membership;

/// <summary>
/// Who is in the cluster, as a sequence of snapshots. The embedded registry implements it; an external store can.
/// </summary>
internal interface IMembership
{
    MembershipSnapshot Current { get; }

    /// <summary>The latest snapshot that is newer than <paramref name="version"/>, as soon as there is one.</summary>
    Task<MembershipSnapshot> NewerThanAsync(ulong version, CancellationToken cancellationToken);

    /// <summary>Tells the members that are chosen to finish and exit.</summary>
    void ShutDown(Predicate<Member> isChosen);
}
