namespace Cluster.Worker.Collectives.Links;

/// <summary>A rank of the plan and where its worker listens.</summary>
internal readonly record struct PeerIdentity(int Rank, string Address)
{
    public override string ToString() => $"rank {Rank} at {Address}";
}
