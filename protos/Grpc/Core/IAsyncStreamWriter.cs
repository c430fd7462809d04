namespace Grpc.Core;

/// <summary>Outgoing messages of a stream. One write at a time.</summary>
public interface IAsyncStreamWriter<in T>
{
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Sends a message. Completes when the transport took it, which is later than now when the receiver is slow.</summary>
    /// <exception cref="InvalidOperationException">A write is in progress, or the stream is complete.</exception>
    Task WriteAsync(T message);

    /// <inheritdoc cref="WriteAsync(T)"/>
    /// <remarks>Cancelling a write that has begun cancels the call: half a message cannot be taken back.</remarks>
    Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            throw new NotSupportedException("This stream writer does not support cancelling a write.");
        return WriteAsync(message);
    }
}
