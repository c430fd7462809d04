using Cluster.Compute.Devices;

namespace Cluster.Worker.Hosting;

/// <summary>The devices of one kind.</summary>
/// <param name="Kind">The part of their ids before the colon.</param>
/// <param name="Devices">Those that are here.</param>
/// <param name="Unavailable">Why there are none; null where there are some.</param>
internal sealed record DeviceListing(string Kind, IReadOnlyList<DeviceDescription> Devices, string? Unavailable)
{
    /// <summary>How ranks on several of them sum; null where there is nothing to tell.</summary>
    public string? Groups { get; init; }
}
