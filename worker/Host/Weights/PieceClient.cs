using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Grpc.Core;
using Grpc.Net.Client;
using Polly;

namespace Cluster.Worker.Weights;

/// <summary>Calls of a Weights service, the coordinator's or a peer's, under a policy.</summary>
internal sealed class PieceClient : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly Protos.V1.Weights.WeightsClient _client;
    private readonly ResiliencePipeline _policy;

    public PieceClient(string address, PeerCredentials? credentials, PeerRole role, ResiliencePipeline policy)
    {
        _channel = PeerChannel.Open(address, credentials, role);
        _client = new Protos.V1.Weights.WeightsClient(_channel);
        _policy = policy;
    }

    public Task<ModelContent> DescribeAsync(ModelKey model, CancellationToken cancellationToken) =>
        CallAsync(options => _client.DescribeAsync(model, options), cancellationToken);

    public Task<ModelPiece> ReadAsync(ReadPieceRequest request, CancellationToken cancellationToken) =>
        CallAsync(options => _client.ReadAsync(request, options), cancellationToken);

    public Task<PieceAnnouncementReply> AnnounceAsync(PieceAnnouncement announcement, CancellationToken cancellationToken) =>
        CallAsync(options => _client.AnnounceAsync(announcement, options), cancellationToken);

    public void Dispose() => _channel.Dispose();

    private Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> begin, CancellationToken cancellationToken) =>
        _policy.ExecuteAsync(
            async token =>
            {
                using var call = begin(new CallOptions(cancellationToken: token));
                return await call.ResponseAsync.ConfigureAwait(false);
            },
            cancellationToken).AsTask();
}
