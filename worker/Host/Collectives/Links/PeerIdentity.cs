using Cluster.Protos.Security;

namespace Cluster.Worker.Collectives.Links;

/// <summary>A rank of the plan.</summary>
/// <param name="Rank">Its number.</param>
/// <param name="Address">Where its worker listens.</param>
/// <param name="Worker">What the worker is called.</param>
internal readonly record struct PeerIdentity(int Rank, string Address, string Worker)
{
    /// <summary>Whether somebody is its worker.</summary>
    /// <param name="caller">As a certificate says; null in a cluster that has none.</param>
    public bool Is(PeerName? caller) => caller is null || caller == PeerName.OfWorker(Worker);

    public override string ToString() => $"rank {Rank} at {Address}";
}
