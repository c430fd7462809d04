using Cluster.Model.Folders;
using Cluster.Model.Processors;
using Microsoft.Extensions.Logging;

namespace Cluster.Worker.CommandLine;

/// <summary>What the command line says.</summary>
internal sealed record WorkerOptions
{
    /// <summary>Where the coordinator serves Membership.</summary>
    public required HostPort Coordinator { get; init; }

    /// <summary>Where to listen; port 0 lets the system choose.</summary>
    public required HostPort Listen { get; init; }

    /// <summary>Where the coordinator and peers reach this worker; null for where it listens.</summary>
    public HostPort? Advertise { get; init; }

    /// <summary>Null for a name made of the machine's and the process's.</summary>
    public string? Name { get; init; }

    /// <summary>Compute threads; 0 for every core, or for each of <see cref="Cpus"/>.</summary>
    public int Threads { get; init; }

    /// <summary>Processors that compute threads are tied to; null for those that the system chooses.</summary>
    public CpuList? Cpus { get; init; }

    /// <summary>Device id: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>This worker's own copy of the model; null to open it where the coordinator says.</summary>
    public string? ModelPath { get; init; }

    /// <summary>Take the model from the coordinator even where its path exists.</summary>
    public bool FetchModel { get; init; }

    /// <summary>Where models that the coordinator sends are kept.</summary>
    public string CachePath { get; init; } = CacheFolder.Of("shards");

    /// <summary>What they may take.</summary>
    public long CacheBytes { get; init; } = long.MaxValue;

    /// <summary>End when the coordinator does.</summary>
    public bool ExitOnDisconnect { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Warning;
}
