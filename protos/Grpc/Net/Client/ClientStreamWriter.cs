using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Streams;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The requests of a streaming call, written into the body of its HTTP/2 request.</summary>
internal sealed class ClientStreamWriter<T> : IClientStreamWriter<T>, IMessageStreamWriter<T>
    where T : class
{
    private readonly CallLifetime _lifetime;
    private readonly Action<T, SerializationContext> _serializer;
    private readonly FrameBuffer _frame;
    private readonly Task _ending;
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writing;

    /// <param name="lifetime">How the call ends.</param>
    /// <param name="serializer">The method's.</param>
    /// <param name="maxMessageSize">Bytes, or null.</param>
    /// <param name="ending">
    /// Completes, without error, when the server's reason for refusing more requests is known if it ever will be without
    /// reading responses.
    /// </param>
    public ClientStreamWriter(CallLifetime lifetime, Action<T, SerializationContext> serializer, int? maxMessageSize, Task ending)
    {
        _lifetime = lifetime;
        _serializer = serializer;
        _frame = new FrameBuffer(maxMessageSize);
        _ending = ending;
    }

    public WriteOptions? WriteOptions { get; set; }

    /// <summary>The body of the request: opens the stream for writes, and lasts until it is complete or the call has ended.</summary>
    public async Task SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        // Sends the headers, so that the server knows of the call before the first message.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (!_opened.TrySetResult(stream))
            throw new IOException("The request stream cannot be sent a second time.");
        await _completed.Task.WaitAsync(_lifetime.Token).ConfigureAwait(false);
    }

    public Task WriteAsync(T message) => WriteMessageAsync(message).AsTask();

    public Task WriteAsync(T message, CancellationToken cancellationToken) => WriteMessageAsync(message, cancellationToken).AsTask();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteMessageAsync(T message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        Begin();
        var cancellation = cancellationToken.UnsafeRegister(static state => ((CallLifetime)state!).Cancel(), _lifetime);
        try
        {
            if (_lifetime.Result is not null)
                throw EndedException();
            var bytes = Serialize(message);
            var stream = _opened.Task.IsCompletedSuccessfully
                ? _opened.Task.Result
                : await _opened.Task.WaitAsync(_lifetime.Token).ConfigureAwait(false);

            // The write must have completed before the flush begins: a flush that overtakes DATA frames leaves them unsent.
            await stream.WriteAsync(bytes, _lifetime.Token).ConfigureAwait(false);
            if (WriteOptions is null || (WriteOptions.Flags & WriteFlags.BufferHint) == 0)
                await stream.FlushAsync(_lifetime.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (_lifetime.Result is null && e is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            await _ending.ConfigureAwait(false);
            throw _lifetime.Result is null ? new RpcException(StatusMapping.FromException(e)) : EndedException();
        }
        catch (Exception) when (_lifetime.Result is not null)
        {
            throw EndedException();
        }
        finally
        {
            cancellation.Unregister();
            if (_lifetime.Result is not null)
                _frame.Release();
            Volatile.Write(ref _writing, 0);
        }
    }

    public Task CompleteAsync()
    {
        Begin();
        _frame.Release();
        _completed.TrySetResult();
        Volatile.Write(ref _writing, 0);
        return Task.CompletedTask;
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref _writing, 1) != 0)
            throw new InvalidOperationException("A write is in progress on this stream.");
        if (!_completed.Task.IsCompleted)
            return;
        Volatile.Write(ref _writing, 0);
        throw new InvalidOperationException("The request stream is complete.");
    }

    /// <summary>A message that cannot be sent ends the call: the stream must not go on without it.</summary>
    private ReadOnlyMemory<byte> Serialize(T message)
    {
        try
        {
            return _frame.Serialize(message, _serializer);
        }
        catch (Exception e)
        {
            _lifetime.Fail(e);
            throw;
        }
    }

    private Exception EndedException() => _lifetime.Result!.IsOk
        ? new InvalidOperationException("The call has ended: no more requests can be written.")
        : _lifetime.Result.ToException();
}
