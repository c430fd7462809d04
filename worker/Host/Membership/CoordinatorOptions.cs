using Cluster.Protos.Security;
using Cluster.Worker.CommandLine;

namespace Cluster.Worker.Membership;

/// <summary>Which coordinator, and how a worker clings to it.</summary>
/// <param name="Address">Where it serves Membership.</param>
/// <param name="ExitOnDisconnect">Whether the worker ends with it.</param>
internal sealed record CoordinatorOptions(HostPort Address, bool ExitOnDisconnect)
{
    /// <summary>
    /// How long an unreachable coordinator is tried. One that started its workers itself is there before them, and a worker of its
    /// must not outlive it.
    /// </summary>
    public TimeSpan Patience { get; init; } = ExitOnDisconnect ? TimeSpan.FromSeconds(15) : TimeSpan.FromSeconds(60);

    /// <summary>What coordinator and worker are judged by; null for plain text.</summary>
    public PeerCredentials? Credentials { get; init; }

    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(0.5);
}
