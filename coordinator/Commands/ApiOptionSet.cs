using System.CommandLine;
using System.Net;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Api.Access;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Security;

namespace Cluster.Coordinator.Commands;

/// <summary>Where the HTTP API listens, who may use it and how much of it there is.</summary>
internal sealed class ApiOptionSet(Terminal terminal)
{
    private const int DefaultMaxQueue = 256;

    private static readonly IPEndPoint s_api = new(IPAddress.Loopback, 8080);

    private readonly Option<IPEndPoint?> _listen = ArgumentParsers.Listen("--listen", $"Where the HTTP API listens [default: {s_api}]");
    private readonly Option<int?> _port = ArgumentParsers.WholeNumber("--port", "N", "Only the port of --listen", 0, IPEndPoint.MaxPort);
    private readonly Option<int?> _maxQueue = ArgumentParsers.WholeNumber(
        "--max-queue", "N", $"Texts that wait beyond --max-sequences; further requests are refused [default: {DefaultMaxQueue}]", 0, 1 << 20);

    private readonly Option<int?> _requestTimeout = ArgumentParsers.WholeNumber(
        "--request-timeout", "SECONDS", "How long a request may take, waiting included [default: no limit]", most: 7 * 24 * 3600);

    private readonly Option<FileInfo?> _apiKeys = new("--api-keys")
    {
        Description = "File of the API keys that clients need; 'cluster keys create' adds one [default: none is needed]",
        HelpName = "FILE",
    };

    private readonly Option<long?> _maxRequestBytes = ArgumentParsers.Size(
        "--max-request-bytes", $"The largest body of a request [default: {ApiOptions.DefaultMaxRequestBytes >> 20}MiB]");

    private readonly Option<FileInfo?> _tlsCertificate = new("--tls-cert")
    {
        Description = "Certificate of the HTTP API, PEM, with those that lead to its root [default: no TLS]",
        HelpName = "FILE",
    };

    private readonly Option<FileInfo?> _tlsKey = new("--tls-key") { Description = "Private key of --tls-cert, PEM", HelpName = "FILE" };

    private readonly Option<string[]> _corsOrigins = new("--cors-origin")
    {
        Description = "Origin whose pages may use the API from browsers, such as https://chat.example.org, or * for all; can be repeated [default: none]",
        HelpName = "ORIGIN",
    };

    private readonly Option<Pooling?> _pooling = ArgumentParsers.OneOf(
        "--pooling", "How /v1/embeddings makes one vector of a text's: mean, last or cls [default: the model's own, else mean]",
        new Dictionary<string, Pooling> { ["mean"] = Pooling.Mean, ["last"] = Pooling.Last, ["cls"] = Pooling.Cls });

    private readonly Option<InsecureMode> _insecure = SecurityOptionSet.InsecureOption(
        "Listen beyond this machine also without --api-keys or TLS for the API; --insecure=force: and let workers join and talk in plain text");

    public void AddTo(Command command)
    {
        command.Add(_listen);
        command.Add(_port);
        command.Add(_maxQueue);
        command.Add(_requestTimeout);
        command.Add(_apiKeys);
        command.Add(_maxRequestBytes);
        command.Add(_tlsCertificate);
        command.Add(_tlsKey);
        command.Add(_corsOrigins);
        command.Add(_pooling);
        command.Add(_insecure);
    }

    /// <summary>What the user wants unprotected.</summary>
    public InsecureMode Insecure(ParseResult parse) => parse.GetValue(_insecure);

    /// <param name="parse">The command line.</param>
    /// <param name="maxSequences">Texts that share a step at most; more may wait.</param>
    /// <exception cref="UsageException">The options contradict each other, or leave open what other machines can reach.</exception>
    public ApiOptions Read(ParseResult parse, int maxSequences)
    {
        var listen = parse.GetValue(_listen) ?? s_api;
        var origins = parse.GetValue(_corsOrigins) ?? [];
        if (Array.Find(origins, origin => !CrossOriginAccess.IsOrigin(origin)) is { } wrong)
            throw new UsageException($"--cors-origin needs an origin such as https://chat.example.org, or *, not '{wrong}'");

        var api = new ApiOptions
        {
            Listen = parse.GetValue(_port) is { } port ? new IPEndPoint(listen.Address, port) : listen,
            Tls = ReadTls(parse),
            CrossOrigins = origins,
            KeyFile = parse.GetValue(_apiKeys)?.FullName,
            Log = line => terminal.Error.WriteLine(line),
            MaxRequestBytes = parse.GetValue(_maxRequestBytes) ?? ApiOptions.DefaultMaxRequestBytes,
            MaxTexts = maxSequences + (parse.GetValue(_maxQueue) ?? DefaultMaxQueue),
            Pooling = parse.GetValue(_pooling),
            RequestTimeout = parse.GetValue(_requestTimeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        RequireProtection(api, Insecure(parse) != InsecureMode.None);
        return api;
    }

    private TlsFiles? ReadTls(ParseResult parse) => (parse.GetValue(_tlsCertificate)?.FullName, parse.GetValue(_tlsKey)?.FullName) switch
    {
        (null, null) => null,
        ({ } certificate, { } key) => new TlsFiles(certificate, key),
        _ => throw new UsageException("--tls-cert and --tls-key belong together"),
    };

    /// <summary>What other machines can reach has keys and TLS, unless the user says otherwise.</summary>
    private void RequireProtection(ApiOptions api, bool isInsecure)
    {
        if (IPAddress.IsLoopback(api.Listen.Address)) return;

        List<string> missing = [];
        if (api.KeyFile is null) missing.Add("--api-keys");
        if (api.Tls is null) missing.Add("--tls-cert and --tls-key");
        if (missing.Count == 0) return;
        if (!isInsecure) throw new UsageException($"other machines can reach --listen {api.Listen}: give {string.Join(", ", missing)}, or --insecure");

        terminal.Error.WriteLine(
            $"INSECURE: other machines can reach {api.Listen}{(api.KeyFile is null ? ", and whoever does can use it: no key is asked" : "")}{(api.Tls is null ? "; what is said is not encrypted" : "")}");
    }
}
