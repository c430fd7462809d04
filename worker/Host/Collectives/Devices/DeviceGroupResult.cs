using Cluster.Compute.Collectives;

namespace Cluster.Worker.Collectives.Devices;

/// <summary>How the forming of a group of devices ended for one rank, and for all others alike.</summary>
/// <param name="Collective">The group; null when there is none.</param>
/// <param name="Refusal">Why there is none.</param>
internal sealed record DeviceGroupResult(IDeviceCollective? Collective, string? Refusal);
