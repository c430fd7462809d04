using System.Net;
using Cluster.Compute.Collectives;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Shards;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Cluster.Worker.Tests.Support;

/// <summary>Several workers in this process that hold a plan, and a coordinator's streams of steps to them.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    /// <summary>A step that takes longer than this on the busiest machine hangs.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly List<TestWorker> _workers = [];
    private readonly List<AsyncDuplexStreamingCall<StepRequest, StepResult>> _steps = [];

    public IReadOnlyList<TestWorker> Workers => _workers;

    public IReadOnlyList<AsyncDuplexStreamingCall<StepRequest, StepResult>> Steps => _steps;

    public ulong PlanVersion { get; private set; }

    /// <summary>What each rank said of its shard when it was loaded.</summary>
    public IReadOnlyList<ShardReady> Shards { get; private set; } = [];

    /// <summary>Starts workers, loads plan 1 on them and opens their streams of steps.</summary>
    public static async Task<TestCluster> StartAsync(
        int tensorParallelSize, int pipelineSize, StepWork work, WireFormat wire = WireFormat.F32,
        ChannelKind channel = ChannelKind.Socket, string host = "127.0.0.1", IPAddress? sockets = null, ILogger<ShardActorLog>? logger = null,
        TestAuthority? authority = null, IReadOnlyList<IDeviceCommunicators?>? communicators = null, TimeSpan? groupTimeout = null)
    {
        var cluster = new TestCluster();
        for (var i = 0; i < tensorParallelSize * pipelineSize; i++)
        {
            cluster._workers.Add(await TestWorker.StartAsync(
                $"w{i}", new WorkLoader(work), null, host, sockets, logger,
                credentials: authority?.Credentials(PeerName.OfWorker($"w{i}")), coordinator: authority?.Credentials(PeerName.Coordinator),
                communicators: communicators?[i], groupTimeout: groupTimeout));
        }

        await cluster.LoadAsync(1, tensorParallelSize, wire, channel);
        return cluster;
    }

    /// <summary>Loads a plan on all workers in the place of the last one.</summary>
    public async Task LoadAsync(
        ulong planVersion, int tensorParallelSize, WireFormat wire = WireFormat.F32, ChannelKind channel = ChannelKind.Socket)
    {
        PlanVersion = planVersion;
        var addresses = _workers.ConvertAll(worker => worker.Address);
        var reports = await Task.WhenAll(_workers.Select(
            (worker, rank) => worker.LoadAsync(Requests.Load(planVersion, rank, tensorParallelSize, addresses, wire, channel))));
        Shards = [.. reports.Select(report => report.Ready)];
        OpenSteps();
    }

    /// <summary>Opens new streams of steps.</summary>
    public void OpenSteps()
    {
        foreach (var call in _steps) call.Dispose();
        _steps.Clear();
        foreach (var worker in _workers) _steps.Add(worker.Client.Execute());
    }

    /// <summary>Sends a step to every rank and returns their answers.</summary>
    public async Task<StepResult[]> RunAsync(ulong stepId)
    {
        await SendAsync(stepId);
        return await Task.WhenAll(_steps.Select(ReceiveAsync));
    }

    public Task SendAsync(ulong stepId) =>
        Task.WhenAll(_steps.Select(call => call.RequestStream.WriteAsync(Requests.Step(PlanVersion, stepId))));

    public Task<StepResult> ReceiveAsync(int rank) => ReceiveAsync(_steps[rank]);

    public async ValueTask DisposeAsync()
    {
        foreach (var call in _steps) call.Dispose();
        foreach (var worker in _workers) await worker.DisposeAsync();
    }

    private static async Task<StepResult> ReceiveAsync(AsyncDuplexStreamingCall<StepRequest, StepResult> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(s_patience), "the stream of steps has ended");
        return call.ResponseStream.Current;
    }
}
