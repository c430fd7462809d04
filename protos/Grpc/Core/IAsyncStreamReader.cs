namespace Grpc.Core;

/// <summary>Incoming messages of a stream. One reader at a time.</summary>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The last message read; valid after <see cref="MoveNext"/> gave true.</summary>
    T Current { get; }

    /// <summary>Reads the next message; false at the end of the stream.</summary>
    /// <exception cref="RpcException">On a client: the call ended with an error. On a server: the message is too big or malformed.</exception>
    /// <exception cref="InvalidOperationException">A read is in progress.</exception>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
