using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>
/// A coordinator and workers that it did not start: they have joined it by a token, talk over mutual TLS and come back by themselves after harm.
/// </summary>
internal sealed class JoinedCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-test-").FullName;
    private readonly List<WorkerProcess> _workers = [];
    private readonly TestNetwork? _network;
    private FaultServer? _server;

    private JoinedCluster(TestNetwork? network) => _network = network;

    private string TokenFile => Path.Combine(_folder, "token");

    public FaultServer Server => _server!;

    /// <summary>The coordinator's folder of tokens and keys.</summary>
    public string StateFolder => Path.Combine(_folder, "state");

    /// <summary>All programs, the coordinator first.</summary>
    public IReadOnlyList<(string Name, int Id)> Processes => [("coordinator", Server.ProcessId), .. _workers.Select((worker, index) => (NameOf(index), worker.Id))];

    /// <summary>HOST:PORT of the coordinator for workers.</summary>
    public string Coordinator { get; private set; } = "";

    public static string NameOf(int worker) => $"worker-{worker}";

    /// <summary>A worker's certificate and key, as it keeps them.</summary>
    public string IdentityFile(int worker) => Path.Combine(_folder, NameOf(worker), "identity", $"{NameOf(worker)}.pem");

    /// <param name="workers">How many.</param>
    /// <param name="ranks">How many of them compute, as tensor-parallel ranks.</param>
    /// <param name="areApart">Whether each is on a machine of its own (<see cref="TestNetwork"/>); else all are on this one's loopback.</param>
    /// <exception cref="InvalidOperationException">There is no such network here, or the coordinator ended instead of serving.</exception>
    public static async Task<JoinedCluster> StartAsync(int workers, int ranks, bool areApart)
    {
        var cluster = new JoinedCluster(areApart ? new TestNetwork(workers) : null);
        try
        {
            await cluster.StartAsync(workers, ranks);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Cuts a worker from everybody else, as a dead switch port does.</summary>
    public void Cut(int worker) => _network!.Cut(worker);

    public void Heal(int worker) => _network!.Heal(worker);

    /// <summary>Kills a worker and starts it again, by the same command.</summary>
    public void Restart(int worker)
    {
        _workers[worker].Dispose();
        _workers[worker] = Start(worker);
    }

    /// <summary>A certificate that this cluster's authority signed.</summary>
    public X509Certificate2 Issue(PeerName name)
    {
        using var authority = X509Certificate2.CreateFromPemFile(Path.Combine(StateFolder, "ca.pem"), Path.Combine(StateFolder, "ca.key"));
        return TestCertificates.Issue(authority, name, TimeSpan.FromHours(1));
    }

    /// <summary>Of a program that shows a certificate and trusts this cluster.</summary>
    public PeerCredentials Credentials(X509Certificate2 certificate) =>
        new(new TrustedAuthorities(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(StateFolder, "ca.pem"))), () => certificate, TimeProvider.System);

    public void Signal(int worker, string signal) => FaultServer.Signal(_workers[worker].Id, signal);

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) worker.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _network?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(int workers, int ranks)
    {
        var host = _network?.HostAddress ?? "127.0.0.1";
        Coordinator = $"{host}:{FreePort(host)}";
        await FaultServer.CommandAsync("join-token", "create", "--uses", $"{workers}", "--state-dir", StateFolder, "--file", TokenFile);
        for (var worker = 0; worker < workers; worker++) _workers.Add(Start(worker));
        _server = await FaultServer.StartAsync(
            "--workers", $"{workers}", "--tensor-parallel", $"{ranks}", "--cluster-listen", Coordinator, "--cluster-tls", "on", "--state-dir", StateFolder);
    }

    private WorkerProcess Start(int worker) => new(
        _network?.Prefix(worker) ?? [],
        "--coordinator", Coordinator, "--listen", $"{_network?.Address(worker) ?? "127.0.0.1"}:0", "--name", NameOf(worker), "--threads", "1",
        "--cache-dir", Path.Combine(_folder, NameOf(worker)), "--join-token-file", TokenFile);

    private static int FreePort(string host)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(host), 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
