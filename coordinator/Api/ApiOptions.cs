using System.Net;
using Cluster.Coordinator.Api.Access;
using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Api;

/// <summary>How the API serves.</summary>
internal sealed record ApiOptions
{
    public const long DefaultMaxRequestBytes = 8 << 20;

    public required IPEndPoint Listen { get; init; }

    /// <summary>Null: without TLS.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Origins whose pages may use the API.</summary>
    public IReadOnlyList<string> CrossOrigins { get; init; } = [];

    /// <summary>File of the keys that clients need; null: they need none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Told in one line of what happens while serving.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>The largest body of a request.</summary>
    public long MaxRequestBytes { get; init; } = DefaultMaxRequestBytes;

    /// <summary>Texts that are under way or wait at most, over all requests.</summary>
    public int MaxTexts { get; init; } = int.MaxValue;

    /// <summary>How hidden states become vectors of texts; null: as the model's file says.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>How long a request may take; null: as long as it takes.</summary>
    public TimeSpan? RequestTimeout { get; init; }
}
