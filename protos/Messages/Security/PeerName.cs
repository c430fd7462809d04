namespace Cluster.Protos.Security;

/// <summary>Whom a certificate is for. It stands there as the URI <c>cluster://CLUSTER/coordinator</c> or <c>cluster://CLUSTER/worker/NAME</c>.</summary>
/// <param name="Role">What it is.</param>
/// <param name="Worker">A worker's name; empty for the coordinator.</param>
public readonly record struct PeerName(PeerRole Role, string Worker)
{
    private const string Scheme = "cluster";
    private const int MaxLength = 64;

    public static PeerName Coordinator { get; } = new(PeerRole.Coordinator, "");

    public static PeerName OfWorker(string name) => new(PeerRole.Worker, name);

    /// <summary>Names of workers that can have a certificate: they are parts of URIs and of files' names.</summary>
    public static bool IsWorkerName(string text) =>
        text.Length is > 0 and <= MaxLength && text[0] != '.' && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <param name="cluster">The cluster's id, of hexadecimal digits.</param>
    public Uri ToUri(string cluster) => new($"{Scheme}://{cluster}/{this}");

    /// <summary>Null for what <see cref="ToUri"/> does not make.</summary>
    public static PeerName? Parse(string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || parsed.Scheme != Scheme || parsed.OriginalString != uri) return null;
        return parsed.AbsolutePath.Split('/') switch
        {
            ["", "coordinator"] => Coordinator,
            ["", "worker", var name] when IsWorkerName(name) => OfWorker(name),
            _ => null,
        };
    }

    public override string ToString() => Role == PeerRole.Coordinator ? "coordinator" : $"worker/{Worker}";
}
