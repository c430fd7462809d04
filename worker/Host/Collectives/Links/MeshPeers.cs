namespace Cluster.Worker.Collectives.Links;

/// <summary>Whom a rank hears and whom it talks to.</summary>
/// <param name="WorldSize">Ranks of the plan.</param>
/// <param name="Senders">Peers that send to this rank.</param>
/// <param name="Receivers">Peers that this rank sends to.</param>
internal sealed record MeshPeers(int WorldSize, IReadOnlyList<PeerIdentity> Senders, IReadOnlyList<PeerIdentity> Receivers)
{
    /// <summary>
    /// Every other rank of the stage both ways; from the previous stage the rank with the same tensor rank, and to the next one.
    /// </summary>
    public static MeshPeers Of(int rank, int tensorParallelSize, IReadOnlyList<string> addresses, IReadOnlyList<string> workers)
    {
        var stage = rank / tensorParallelSize;
        var senders = new List<PeerIdentity>();
        var receivers = new List<PeerIdentity>();
        for (var peer = stage * tensorParallelSize; peer < (stage + 1) * tensorParallelSize; peer++)
        {
            if (peer == rank) continue;
            senders.Add(Peer(peer));
            receivers.Add(Peer(peer));
        }

        var previous = rank - tensorParallelSize;
        var next = rank + tensorParallelSize;
        if (previous >= 0) senders.Add(Peer(previous));
        if (next < addresses.Count) receivers.Add(Peer(next));
        return new MeshPeers(addresses.Count, senders, receivers);

        PeerIdentity Peer(int rank) => new(rank, addresses[rank], workers[rank]);
    }
}
