using System.Net;

namespace Cluster.Worker.Shards;

/// <summary>How a worker holds shards.</summary>
internal sealed record ShardHostOptions
{
    /// <summary>The worker's name, for messages.</summary>
    public required string WorkerName { get; init; }

    /// <summary>Where peers' sockets are listened for.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>How long a shard that is being loaded waits for the links with its peers.</summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
