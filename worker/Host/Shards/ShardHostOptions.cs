using System.Net;
using Cluster.Protos.Security;

namespace Cluster.Worker.Shards;

/// <summary>How a worker holds shards.</summary>
internal sealed record ShardHostOptions
{
    /// <summary>The worker's name, for messages.</summary>
    public required string WorkerName { get; init; }

    /// <summary>Where peers' sockets are listened for.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>What peers are judged by, and this worker by them; null for plain text.</summary>
    public PeerCredentials? Credentials { get; init; }

    /// <summary>How long a shard that is being loaded waits for the links with its peers.</summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
