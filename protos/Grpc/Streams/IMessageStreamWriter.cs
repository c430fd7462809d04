using Grpc.Core;

namespace Grpc.Streams;

/// <summary>
/// What every stream writer of ours can do beyond <see cref="IAsyncStreamWriter{T}"/>: write without allocating. Cast
/// <c>call.RequestStream</c> or a handler's <c>responseStream</c> to it.
/// </summary>
public interface IMessageStreamWriter<in T> : IAsyncStreamWriter<T>
    where T : class
{
    /// <summary>
    /// As <see cref="IAsyncStreamWriter{T}.WriteAsync(T)"/>. Await the result once; after that the message may be reused and
    /// the next one written.
    /// </summary>
    ValueTask WriteMessageAsync(T message, CancellationToken cancellationToken = default);
}
