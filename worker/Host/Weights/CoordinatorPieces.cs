using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.CommandLine;
using Grpc.Core;
using Grpc.Net.Client;
using Polly;
using Polly.Retry;

namespace Cluster.Worker.Weights;

/// <summary>The coordinator, which serves the model.</summary>
internal sealed class CoordinatorPieces : IPieceSource, IDisposable
{
    private static readonly ResiliencePipeline s_retry = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<RpcException>(e => e.StatusCode is StatusCode.Unavailable),
            MaxRetryAttempts = 4,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(100),
            UseJitter = true,
        })
        .Build();

    private readonly HostPort _address;
    private readonly GrpcChannel _channel;
    private readonly Protos.V1.Weights.WeightsClient _client;

    public CoordinatorPieces(HostPort address)
    {
        _address = address;
        _channel = PeerChannel.Open(address.ToString());
        _client = new Protos.V1.Weights.WeightsClient(_channel);
    }

    public string Name => $"the coordinator at {_address}";

    public ModelContent Describe(ModelKey model, CancellationToken cancellationToken) =>
        Call(options => _client.DescribeAsync(model, options), cancellationToken);

    public ReadOnlyMemory<byte> Read(ReadPieceRequest request, CancellationToken cancellationToken) =>
        Call(options => _client.ReadAsync(request, options), cancellationToken).Data.Memory;

    public void Dispose() => _channel.Dispose();

    private static T Call<T>(Func<CallOptions, AsyncUnaryCall<T>> begin, CancellationToken cancellationToken)
    {
        try
        {
            return s_retry.ExecuteAsync(
                async token =>
                {
                    using var call = begin(new CallOptions(cancellationToken: token));
                    return await call.ResponseAsync.ConfigureAwait(false);
                },
                cancellationToken).AsTask().GetAwaiter().GetResult();
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException(e.Status.Detail, e);
        }
    }
}
