using System.Net;
using Cluster.Compute.Collectives;
using Cluster.Compute.Cpu;
using Cluster.Compute.Devices;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Hosting;
using Cluster.Worker.Shards;
using Cluster.Worker.Weights;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Worker.Tests.Support;

/// <summary>A worker in this process, on a port of its own, and a coordinator's connection to it.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    private readonly IDevice _device;
    private readonly WorkerServer _server;
    private readonly GrpcChannel _channel;
    private int _disposed;

    private TestWorker(WorkerServer server, ShardHost host, IDevice device, PeerCredentials? coordinator)
    {
        _device = device;
        _server = server;
        Host = host;
        _channel = PeerChannel.Open($"{server.Address}", coordinator);
        Client = new Protos.V1.Worker.WorkerClient(_channel);
    }

    public ShardHost Host { get; }

    public string Address => _server.Address.ToString();

    public Protos.V1.Worker.WorkerClient Client { get; }

    public static async Task<TestWorker> StartAsync(
        string name, IShardLoader loader, TimeSpan? peerTimeout = null, string host = "127.0.0.1", IPAddress? sockets = null,
        ILogger<ShardActorLog>? logger = null, HeldPieces? held = null, PeerCredentials? credentials = null, PeerCredentials? coordinator = null,
        IDeviceCommunicators? communicators = null, TimeSpan? groupTimeout = null)
    {
        var options = new ShardHostOptions
        {
            WorkerName = name,
            PeerTimeout = peerTimeout ?? TimeSpan.FromSeconds(60),
            ListenAddress = sockets ?? IPAddress.Loopback,
            Credentials = credentials,
            Communicators = communicators,
            GroupTimeout = groupTimeout ?? TimeSpan.FromSeconds(60),
        };
        var shards = new ShardHost(options, loader, new ShardActorLog(logger ?? NullLogger<ShardActorLog>.Instance));
        var device = new CpuDeviceProvider().Open(0, new DeviceOptions { Threads = 1 });
        var server = await WorkerServer.StartAsync(new HostPort(host, 0), shards, options, device, held ?? new HeldPieces(), _ => { }, CancellationToken.None);
        return new TestWorker(server, shards, device, coordinator);
    }

    /// <summary>Loads a shard and returns the last report.</summary>
    public async Task<LoadShardProgress> LoadAsync(LoadShardRequest request, CancellationToken cancellationToken = default)
    {
        using var call = Client.LoadShard(request, cancellationToken: cancellationToken);
        var last = new LoadShardProgress();
        while (await call.ResponseStream.MoveNext(CancellationToken.None)) last = call.ResponseStream.Current;
        return last;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _channel.Dispose();
        await Host.DisposeAsync();
        await _server.DisposeAsync();
        _device.Dispose();
    }
}
