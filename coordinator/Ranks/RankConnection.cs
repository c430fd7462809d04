using Cluster.Coordinator.Membership;
using Cluster.Protos.Steps;
using Cluster.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Streams;

namespace Cluster.Coordinator.Ranks;

/// <summary>The way to one rank's worker: loads its shard, then carries steps on one long-lived stream.</summary>
internal sealed class RankConnection : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly Worker.WorkerClient _client;
    private readonly CancellationTokenSource _closed = new();
    private AsyncDuplexStreamingCall<StepRequest, StepResult>? _steps;
    private IMessageStreamWriter<StepRequest>? _requests;
    private IMessageStreamReader<StepResult>? _results;
    private StepResult _answer = new();
    private Task _sent = Task.CompletedTask;
    private Task<bool> _answered = Task.FromResult(true);

    /// <param name="rank">The rank.</param>
    /// <param name="member">Its worker.</param>
    /// <param name="channel">The way to it, which is this connection's from then on.</param>
    public RankConnection(int rank, Member member, GrpcChannel channel)
    {
        Rank = rank;
        Member = member;
        _channel = channel;
        _client = new Worker.WorkerClient(_channel);
    }

    public int Rank { get; }

    public Member Member { get; }

    /// <summary>Takes the shard into the worker's memory.</summary>
    /// <param name="request">The plan and which rank of it this is.</param>
    /// <param name="progress">Told the bytes loaded and to be loaded.</param>
    /// <param name="cancellationToken">Gives the loading up.</param>
    /// <exception cref="RpcException">The worker refused the shard or is gone; the status says why in one line.</exception>
    public async Task<ShardReady> LoadAsync(LoadShardRequest request, Action<ulong, ulong> progress, CancellationToken cancellationToken)
    {
        using var call = _client.LoadShard(request, cancellationToken: cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            var report = call.ResponseStream.Current;
            progress(report.LoadedBytes, report.TotalBytes);
            if (report.Ready is { } ready) return ready;
        }

        throw new RpcException(new Status(StatusCode.DataLoss, "the worker ended its report before the shard was ready"));
    }

    /// <summary>Opens the stream of steps.</summary>
    public void Open()
    {
        _steps = _client.Execute(cancellationToken: _closed.Token);
        _requests = (IMessageStreamWriter<StepRequest>)_steps.RequestStream;
        _results = (IMessageStreamReader<StepResult>)_steps.ResponseStream;
        _results.Deserializer = context =>
        {
            StepMessages.Reset(_answer);
            _answer.MergeFrom(context.PayloadAsReadOnlySequence());
            return _answer;
        };
    }

    /// <summary>Sends a step, after those before it, and waits for its answer, after theirs. For one thread at a time.</summary>
    /// <param name="request">The step.</param>
    /// <param name="result">Receives the answer.</param>
    /// <returns>False when the worker has ended the stream.</returns>
    public Task<bool> ExchangeAsync(StepRequest request, StepResult result)
    {
        _sent = SendAsync(request, _sent);
        return _answered = ReceiveAsync(result, _sent, _answered);
    }

    /// <summary>Has the worker hand out rows of its cache.</summary>
    public AsyncServerStreamingCall<CachePart> ReadCache(ReadCacheRequest request, CancellationToken cancellationToken) =>
        _client.ReadCache(request, cancellationToken: cancellationToken);

    /// <summary>Has the worker take rows into its cache.</summary>
    public AsyncClientStreamingCall<WriteCacheRequest, WriteCacheReply> WriteCache(CancellationToken cancellationToken) =>
        _client.WriteCache(cancellationToken: cancellationToken);

    /// <summary>Has the worker measure what its device does at most, in a fraction of a second.</summary>
    /// <exception cref="RpcException">The worker fails or is gone.</exception>
    public async Task<DeviceLimits> MeasureLimitsAsync(CancellationToken cancellationToken) =>
        await _client.MeasureLimitsAsync(new MeasureLimitsRequest(), cancellationToken: cancellationToken);

    /// <summary>That rows could not be moved, in one line that names the worker.</summary>
    public ClusterException CacheFailure(string why) =>
        new($"worker '{Member.Name}' at {Member.Address} (rank {Rank}) failed to move cached rows: {why}");

    /// <summary>Breaks the stream off: what waits on it fails.</summary>
    public void Abort() => _closed.Cancel();

    public async Task UnloadAsync(ulong planVersion, CancellationToken cancellationToken) =>
        await _client.UnloadShardAsync(new UnloadShardRequest { PlanVersion = planVersion }, cancellationToken: cancellationToken);

    public ValueTask DisposeAsync()
    {
        _steps?.Dispose();
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task SendAsync(StepRequest request, Task before)
    {
        await before.ConfigureAwait(false);
        await _requests!.WriteMessageAsync(request).ConfigureAwait(false);
    }

    private async Task<bool> ReceiveAsync(StepResult result, Task sent, Task<bool> before)
    {
        await sent.ConfigureAwait(false);
        if (!await before.ConfigureAwait(false)) return false;
        _answer = result;
        return await _results!.MoveNextAsync().ConfigureAwait(false);
    }
}
