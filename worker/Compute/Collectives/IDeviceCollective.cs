namespace Cluster.Compute.Collectives;

/// <summary>
/// A group whose sums stay on its devices, queued there like any other operation: <see cref="ICollective.AllReduce"/> returns at once, and whoever
/// waits for the device waits for the peers. A peer that is lost meanwhile ends that wait with a <see cref="PeerLostException"/>, and the group
/// with it. Disposing leaves the group, before buffers go that its sums may still stand in.
/// </summary>
public interface IDeviceCollective : ICollective, IDisposable
{
    /// <summary>What sums: <c>NCCL 2.28.9 and peer memory</c>.</summary>
    string Library { get; }

    bool ICollective.IsQueued => true;
}
