using Cluster.Coordinator.Membership;
using Cluster.Protos.V1;
using Cluster.Testing.Hosting;
using Grpc.Core;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>A worker over gRPC on loopback whose shard is a <see cref="FakeRank"/>.</summary>
internal sealed class FakeWorker : Worker.WorkerBase, IAsyncDisposable
{
    private readonly FakeModel _model;
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _unloading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopbackServer? _server;
    private FakeRank? _rank;

    private FakeWorker(FakeModel model) => _model = model;

    public required string Name { get; init; }

    public string Address { get; private set; } = "";

    public LoadShardRequest? Loaded { get; private set; }

    /// <summary>Tokens of all steps so far.</summary>
    public int StepTokens { get; private set; }

    public ulong UnloadedPlan { get; private set; }

    /// <summary>Why loading fails; null when it works.</summary>
    public string? LoadProblem { get; set; }

    /// <summary>Why cached rows cannot be moved; null when they can.</summary>
    public string? CacheProblem { get; set; }

    /// <summary>What is done with each step's answer before it is sent.</summary>
    public Action<StepResult>? OnResult { get; set; }

    /// <summary>When not null, steps are answered only once it completes.</summary>
    public Task? Hold { get; set; }

    /// <summary>Completes when a step is held.</summary>
    public Task Held => _held.Task;

    /// <summary>Whether the shard does not end.</summary>
    public bool HangsWhenUnloaded { get; set; }

    /// <summary>Completes when it is told to unload.</summary>
    public Task Unloading => _unloading.Task;

    public Member Member => new()
    {
        Name = Name,
        Address = Address,
        Version = "test",
        ProcessId = 1,
        Device = new MemberDevice("cpu", "fake", "none", 1, 1UL << 40),
        JoinedAt = default,
    };

    public WorkerDescription Description => new()
    {
        Name = Name,
        Address = Address,
        Version = "test",
        ProcessId = 1,
        Device = new Device { Id = "cpu", Name = "fake", MemoryBytes = 1UL << 40 },
    };

    public static async Task<FakeWorker> StartAsync(string name, FakeModel model)
    {
        var worker = new FakeWorker(model) { Name = name };
        worker._server = await LoopbackServer.StartAsync(Worker.BindService(worker));
        worker.Address = worker._server.Address.Authority;
        return worker;
    }

    /// <summary>Cuts all connections, as a killed process does.</summary>
    public Task KillAsync() => _server!.StopAsync();

    public override async Task LoadShard(LoadShardRequest request, IServerStreamWriter<LoadShardProgress> responseStream, ServerCallContext context)
    {
        if (LoadProblem is not null) throw new RpcException(new Status(StatusCode.FailedPrecondition, LoadProblem));

        Loaded = request;
        var shard = request.Plan.Shards[request.Rank];
        _rank = new FakeRank(_model, shard.Vocabulary.Start, shard.Vocabulary.End, shard.Stage == request.Plan.PipelineSize - 1)
        {
            BlockTokens = request.KvCache.BlockTokens,
            KeptSteps = request.Plan.PipelineSize,
        };
        await responseStream.WriteAsync(new LoadShardProgress { LoadedBytes = 10, TotalBytes = 30 });
        await responseStream.WriteAsync(new LoadShardProgress { LoadedBytes = 30, TotalBytes = 30, Ready = new ShardReady { WeightBytes = 30, KvBytesPerToken = 12 } });
    }

    public override async Task Execute(IAsyncStreamReader<StepRequest> requestStream, IServerStreamWriter<StepResult> responseStream, ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            if (Hold is { } hold)
            {
                _held.TrySetResult();
                await hold.WaitAsync(context.CancellationToken);
            }

            StepTokens += request.TokenIds.Count;
            var result = _rank!.Execute(request);
            OnResult?.Invoke(result);
            await responseStream.WriteAsync(result);
        }
    }

    public override Task ReadCache(ReadCacheRequest request, IServerStreamWriter<CachePart> responseStream, ServerCallContext context) =>
        new FakeCacheTransfer(Loaded!, _rank!).ReadAsync(request, responseStream, CacheProblem);

    public override Task<WriteCacheReply> WriteCache(IAsyncStreamReader<WriteCacheRequest> requestStream, ServerCallContext context) =>
        new FakeCacheTransfer(Loaded!, _rank!).WriteAsync(requestStream, CacheProblem);

    public override async Task<UnloadShardReply> UnloadShard(UnloadShardRequest request, ServerCallContext context)
    {
        UnloadedPlan = request.PlanVersion;
        _unloading.TrySetResult();
        if (HangsWhenUnloaded) await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        return new UnloadShardReply();
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();
}
