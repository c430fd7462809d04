using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Streams;
using Grpc.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server;

/// <summary>The requests of a call, parsed where they lie in Kestrel's buffers.</summary>
internal sealed class ServerStreamReader<T>(
    HttpContext httpContext,
    ServerDeadline? deadline,
    string encoding,
    int? maxMessageSize,
    Func<DeserializationContext, T> deserializer) : IMessageStreamReader<T>
    where T : class
{
    private readonly OperationGate _gate = new("read");
    private readonly FrameReader<T> _frames = new(httpContext.Request.BodyReader, encoding, maxMessageSize);
    private T? _current;

    public Func<DeserializationContext, T> Deserializer { get; set; } = deserializer;

    public T Current => _current ?? throw new InvalidOperationException("There is no current message.");

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        var read = MoveNextAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? Task.FromResult(read.Result) : read.AsTask();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken = default)
    {
        _gate.Enter();
        try
        {
            _current = null;
            deadline?.Token.ThrowIfCancellationRequested();
            if (!await _frames.ReadAsync(Deserializer, cancellationToken).ConfigureAwait(false))
                return false;
            _current = _frames.Current;
            return true;
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            throw new OperationCanceledException("The client cancelled the call.", e, httpContext.RequestAborted);
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Ends a read that the handler left behind: Kestrel is going to use the buffers for other calls.</summary>
    public Task CloseAsync()
    {
        var idle = _gate.CloseAsync();
        if (!idle.IsCompleted)
            RequestBody.CancelPendingRead(httpContext.Request.BodyReader);
        return idle;
    }
}
