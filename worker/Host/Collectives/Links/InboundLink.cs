using Cluster.Protos.Frames;
using Cluster.Protos.Security;
using Cluster.Protos.Services;
using Cluster.Protos.V1;
using Cluster.Worker.Resilience;
using Cluster.Worker.Threading;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Streams;

namespace Cluster.Worker.Collectives.Links;

/// <summary>
/// What one peer sends this rank: a call of the peer's Exchange, read for the life of the plan into a <see cref="MessageRing{T}"/>. A
/// peer that cannot be reached yet is dialed again until the connecting is cancelled; one that is lost afterwards stays lost.
/// </summary>
internal sealed class InboundLink : IAsyncDisposable
{
    /// <summary>
    /// Frames that may wait. A collective has at most four of a peer outstanding, so none waits for room; more is how far a pipeline
    /// stage may run ahead of the next.
    /// </summary>
    public const int Capacity = 8;

    private readonly ExchangeRequest _request;
    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _ending = new();
    private readonly Frame _frame = new();
    private AsyncServerStreamingCall<Frame>? _call;
    private Task _reading = Task.CompletedTask;

    public InboundLink(ulong planVersion, int rank, PeerIdentity peer, WakeSignal signal, PeerCredentials? credentials)
    {
        Peer = peer;
        Frames = new MessageRing<ReceivedFrame>(Capacity, signal);
        _request = new ExchangeRequest { PlanVersion = planVersion, Sender = peer.Rank, Receiver = rank };
        _channel = PeerChannel.Open(peer, credentials);
    }

    public PeerIdentity Peer { get; }

    public MessageRing<ReceivedFrame> Frames { get; }

    public bool IsConnected => Volatile.Read(ref _call) is not null;

    /// <summary>Dials until the peer accepts, then starts to read.</summary>
    /// <exception cref="RpcException">The peer refused: another plan, another rank.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await WorkerPolicies.Link.ExecuteAsync(DialAsync, cancellationToken).ConfigureAwait(false);
        _reading = ReadAsync();
    }

    /// <summary>Asks the peer for a socket instead. Dials until it answers.</summary>
    /// <exception cref="RpcException">The peer refused.</exception>
    public async Task<OpenChannelReply> OpenChannelAsync(CancellationToken cancellationToken)
    {
        var request = new OpenChannelRequest { PlanVersion = _request.PlanVersion, Listener = _request.Sender, Caller = _request.Receiver };
        return await WorkerPolicies.Link.ExecuteAsync(OpenAsync, cancellationToken).ConfigureAwait(false);

        async ValueTask<OpenChannelReply> OpenAsync(CancellationToken cancellationToken)
        {
            using var call = _channel.CreateCallInvoker()
                .AsyncUnaryCall(WorkerMethods.OpenChannel, null, new CallOptions(cancellationToken: _ending.Token), request);
            return await call.ResponseAsync.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        _call?.Dispose();
        await _reading.ConfigureAwait(false);
        _channel.Dispose();
        _ending.Dispose();
        Frames.Dispose();
    }

    private async ValueTask DialAsync(CancellationToken cancellationToken)
    {
        var call = _channel.CreateCallInvoker()
            .AsyncServerStreamingCall(WorkerMethods.Exchange, null, new CallOptions(cancellationToken: _ending.Token), _request);
        try
        {
            await call.ResponseHeadersAsync.WaitAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _call, call);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            var stream = (IMessageStreamReader<Frame>)_call!.ResponseStream;
            stream.Deserializer = Take;
            while (true)
            {
                await Frames.ReserveAsync(_ending.Token).ConfigureAwait(false);
                if (!await stream.MoveNextAsync(CancellationToken.None).ConfigureAwait(false)) break;
                Frames.Publish();
            }

            Frames.Complete($"{Peer} left the plan");
        }
        catch (OperationCanceledException)
        {
            Frames.Complete($"the link from {Peer} was closed");
        }
        catch (RpcException e)
        {
            Frames.Complete($"{Peer} is lost: {e.Status.Detail}");
        }
    }

    /// <summary>Copies a frame from the stream's buffers into the reserved slot. The returned object is a token: there is one of it.</summary>
    private Frame Take(DeserializationContext context)
    {
        if (!FrameCodec.TryRead(context.PayloadAsReadOnlySequence(), out var header, out var payload))
            throw new RpcException(new Status(StatusCode.Internal, "a frame is not a protobuf message"));
        Frames.Reserved.Fill(header, payload);
        return _frame;
    }
}
