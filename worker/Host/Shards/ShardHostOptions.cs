using System.Net;
using Cluster.Compute.Collectives;
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

    /// <summary>How the device sums with others of its host; null for one that does not.</summary>
    public IDeviceCommunicators? Communicators { get; init; }

    /// <summary>How long ranks may take to join a group of devices.</summary>
    public TimeSpan GroupTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
