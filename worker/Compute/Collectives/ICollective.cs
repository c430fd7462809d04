using Cluster.Compute.Devices;

namespace Cluster.Compute.Collectives;

/// <summary>
/// The tensor-parallel group of one stage as one of its ranks sees it. Calls block; all ranks make the same calls in the same order.
/// A lost peer or a cancelled step ends the call with a <see cref="PeerLostException"/>.
/// </summary>
public interface ICollective
{
    /// <summary>This rank in the group.</summary>
    int Rank { get; }

    /// <summary>Ranks in the group.</summary>
    int Size { get; }

    /// <summary>
    /// Whether partials are worth rounding to what f32 adds exactly, so that a sum is the same in every group: they keep all their bits on the way.
    /// </summary>
    bool AddsExactly { get; }

    /// <summary>Whether <see cref="AllReduce"/> only queues the sum on the device, like the device's own operations.</summary>
    bool IsQueued => false;

    /// <summary>
    /// Replaces the first <paramref name="count"/> elements by their sum over the ranks, added in rank order with every partial (one's own
    /// too) in its wire form, so that all ranks end with the same bits.
    /// </summary>
    void AllReduce(DeviceBuffer buffer, int count);
}
