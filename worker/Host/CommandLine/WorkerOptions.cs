using Cluster.Model.Folders;
using Cluster.Model.Processors;
using Cluster.Protos.Security;
using Cluster.Worker.Security;
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

    /// <summary>What the first certificate is asked for with; null for none.</summary>
    public JoinToken? Token { get; init; }

    /// <summary>Whether the identity is read from standard input.</summary>
    public bool ReadsIdentity { get; init; }

    /// <summary>Whether plain text is allowed.</summary>
    public InsecureMode Insecure { get; init; }

    /// <summary>Mutual TLS with everybody, or plain text.</summary>
    public bool IsSecure => Token is not null || ReadsIdentity || (Insecure == InsecureMode.None && IsReachable);

    /// <summary>The coordinator is on another machine, or other machines can reach this worker.</summary>
    public bool IsReachable => !Coordinator.IsLoopback || !Listen.IsLoopback;

    /// <summary>A name that stays when certificates are for it; else one of this process.</summary>
    public string WorkerName => Name ?? (IsSecure ? MachineName() : $"{Environment.MachineName}-{Environment.ProcessId}");

    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    private static string MachineName() => string.Concat(Environment.MachineName.Select(static c => PeerName.IsWorkerName($"x{c}") ? c : '-')).TrimStart('.');
}
