using Cluster.Model.Processors;

namespace Cluster.Compute.Devices;

/// <summary>How a device is opened.</summary>
public sealed record DeviceOptions
{
    /// <summary>Compute threads of a CPU device; 0 takes every core that the process may run on, or one for each of <see cref="Cpus"/>.</summary>
    public int Threads { get; init; }

    /// <summary>Processors that the compute threads are tied to, one each in turn; null leaves that to the system.</summary>
    public CpuList? Cpus { get; init; }

    /// <summary>Folder for kernels that a device compiles when it is opened; null for the user's cache folder.</summary>
    public string? KernelCache { get; init; }
}
