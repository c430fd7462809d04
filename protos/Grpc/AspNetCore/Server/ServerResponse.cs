using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// The response of a call: headers, then messages, then trailers. The handler writes messages while the library may send the
/// headers or, at the deadline, the trailers; this class puts them in order.
/// </summary>
internal sealed class ServerResponse(HttpContext httpContext, int? maxMessageSize)
{
    private readonly Lock _lock = new();
    private readonly OperationGate _gate = new("write");
    private readonly PipeWriter _body = httpContext.Response.BodyWriter;
    private readonly PipeFrameWriter _frames = new(httpContext.Response.BodyWriter, maxMessageSize);

    /// <summary>Null until somebody sends headers, and then completes when they are sent.</summary>
    private Task? _headers;
    private bool _closed;

    public bool IsWriting => _gate.IsBusy;

    /// <summary>Sends headers with metadata.</summary>
    /// <exception cref="InvalidOperationException">They have been sent.</exception>
    public Task SendHeadersAsync(Metadata metadata)
    {
        lock (_lock)
        {
            if (_headers is not null)
                throw new InvalidOperationException("The response headers have been sent.");
            ResponseTrailers.Write(httpContext.Response.Headers, metadata);
            return _headers = StartAsync(flush: true);
        }
    }

    /// <summary>Sends headers unless they have been sent.</summary>
    public Task EnsureHeadersAsync(bool flush)
    {
        lock (_lock)
            return _headers ??= StartAsync(flush);
    }

    /// <summary>Writes a message.</summary>
    /// <exception cref="InvalidOperationException">A write is in progress, or the call has ended.</exception>
    /// <exception cref="OperationCanceledException">The client cancelled the call or went away.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync<T>(
        T message, Action<T, SerializationContext> serializer, bool flush, CancellationToken cancellationToken)
    {
        _gate.Enter();
        try
        {
            if (_headers is not { IsCompletedSuccessfully: true })
                await EnsureHeadersAsync(flush: false).ConfigureAwait(false);
            _frames.Write(message, serializer);
            if (!flush)
                return;

            var result = await _body.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (result.IsCompleted || result.IsCanceled)
                throw new OperationCanceledException("The client cancelled the call.", httpContext.RequestAborted);
        }
        finally
        {
            if (_frames.IsBroken)
                httpContext.Abort();
            _gate.Exit();
        }
    }

    /// <summary>Ends the response with a status, once. With no message before it, everything goes with the headers.</summary>
    public async Task CloseAsync(Status status, Metadata trailers)
    {
        await _gate.CloseAsync().ConfigureAwait(false);
        _frames.Release();
        Task? headers;
        lock (_lock)
        {
            if (_closed)
                return;
            _closed = true;
            headers = _headers;
            _headers ??= Task.CompletedTask;
        }

        if (headers is null)
        {
            ResponseTrailers.Write(httpContext.Response.Headers, status, trailers);
            return;
        }

        await headers.ConfigureAwait(false);
        if (httpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } destination)
            ResponseTrailers.Write(destination, status, trailers);
    }

    private async Task StartAsync(bool flush)
    {
        await httpContext.Response.StartAsync().ConfigureAwait(false);
        if (flush)
            await _body.FlushAsync().ConfigureAwait(false);
    }
}
