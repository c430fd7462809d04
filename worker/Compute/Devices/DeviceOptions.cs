namespace Cluster.Compute.Devices;

/// <summary>How a device is opened.</summary>
public sealed record DeviceOptions
{
    /// <summary>Compute threads of a CPU device; 0 takes every core that the process may run on.</summary>
    public int Threads { get; init; }
}
