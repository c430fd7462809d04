using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>One call on a channel: sends the request, and opens the response for its reader.</summary>
internal sealed class GrpcCall<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    // Big enough that a message of some KiB is one segment.
    private static readonly StreamPipeReaderOptions ReadBuffers = new(bufferSize: 64 * 1024, minimumReadSize: 4 * 1024, leaveOpen: true);

    private readonly GrpcChannel _channel;
    private readonly Method<TRequest, TResponse> _method;
    private readonly CallOptions _options;
    private readonly TaskCompletionSource<FrameReader<TResponse>?> _frames = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SingleRequest? _request;

    public GrpcCall(GrpcChannel channel, Method<TRequest, TResponse> method, in CallOptions options)
    {
        ObjectDisposedException.ThrowIf(channel.Disposed.IsCancellationRequested, channel);
        _channel = channel;
        _method = method;
        _options = options;
        Lifetime = new CallLifetime(channel, options);
        Reader = new ClientStreamReader<TResponse>(Lifetime, _frames.Task, method.ResponseMarshaller.ContextualDeserializer);
    }

    public CallLifetime Lifetime { get; }

    public ClientStreamReader<TResponse> Reader { get; }

    /// <summary>Sends the one request of a unary or server-streaming call.</summary>
    public void Start(string? host, TRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var frame = new FrameBuffer(_channel.MaxSendMessageSize);
        try
        {
            var bytes = frame.Serialize(request, _method.RequestMarshaller.ContextualSerializer);
            _request = new SingleRequest(frame, bytes);
            _ = OpenAsync(host, new CallContent(_request.SendAsync));
        }
        catch (Exception e)
        {
            Lifetime.Fail(e);
            _frames.TrySetResult(null);
        }
    }

    /// <summary>Opens the request stream of a client-streaming or duplex call.</summary>
    public ClientStreamWriter<TRequest> StartStream(string? host)
    {
        // When a write fails because the server has ended the call, its status says why. A single response is being read from
        // the start, so the status will come; the responses of a duplex call are the caller's to read, at any time or never.
        var ending = _method.Type == MethodType.ClientStreaming ? Lifetime.Finished : _frames.Task;
        var writer = new ClientStreamWriter<TRequest>(
            Lifetime, _method.RequestMarshaller.ContextualSerializer, _channel.MaxSendMessageSize, ending)
        {
            WriteOptions = _options.WriteOptions,
        };
        _ = OpenAsync(host, new CallContent(writer.SendAsync));
        return writer;
    }

    /// <summary>The one response of a unary or client-streaming call, once the server's status is there too.</summary>
    /// <exception cref="RpcException">The call ended with an error, or with no response or several.</exception>
    public Task<TResponse> ReadSingleAsync()
    {
        var response = ReadSingleCoreAsync();

        // A caller that learned of the failure elsewhere, or disposed the call, need not await the response.
        _ = response.ContinueWith(
            static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return response;
    }

    private async Task<TResponse> ReadSingleCoreAsync()
    {
        var any = await Reader.MoveNextAsync().ConfigureAwait(false);
        if (!any)
            throw new RpcException(new Status(StatusCode.Unimplemented, "The server ended the call without a response."));

        var response = Reader.Current;
        if (!await Reader.MoveNextAsync().ConfigureAwait(false))
            return response;

        Lifetime.End(new Status(StatusCode.Unimplemented, "The server sent more than one response."));
        throw Lifetime.Result!.ToException();
    }

    /// <summary>Never throws: what goes wrong ends the call.</summary>
    private async Task OpenAsync(string? host, CallContent content)
    {
        FrameReader<TResponse>? frames = null;
        try
        {
            Lifetime.Token.ThrowIfCancellationRequested();
            var request = RequestFactory.Create(_channel, _method, host, _options, content);
            var response = await _channel.SendAsync(request, Lifetime.Token).ConfigureAwait(false);
            _request?.Release();
            Lifetime.Opened(response, ResponseParser.ReadHeaders(response));
            if (ResponseParser.Check(response, out var encoding) is { } result)
            {
                Lifetime.End(result.Status, result.Trailers);
            }
            else
            {
                var stream = await response.Content.ReadAsStreamAsync(Lifetime.Token).ConfigureAwait(false);
                frames = new FrameReader<TResponse>(PipeReader.Create(stream, ReadBuffers), encoding, _channel.MaxReceiveMessageSize);
                Reader.Response = response;
            }
        }
        catch (Exception e)
        {
            Lifetime.Fail(e);
        }

        _frames.TrySetResult(frames);
    }
}
