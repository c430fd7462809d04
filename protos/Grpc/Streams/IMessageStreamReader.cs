using Grpc.Core;

namespace Grpc.Streams;

/// <summary>
/// What every stream reader of ours can do beyond <see cref="IAsyncStreamReader{T}"/>: read without allocating. Cast
/// <c>call.ResponseStream</c> or a handler's <c>requestStream</c> to it.
/// </summary>
public interface IMessageStreamReader<T> : IAsyncStreamReader<T>
    where T : class
{
    /// <summary>
    /// How the next messages are parsed; at first the method's marshaller. Set it, between reads, to a function that fills and
    /// returns one reused object.
    /// </summary>
    Func<DeserializationContext, T> Deserializer { get; set; }

    /// <summary>As <see cref="IAsyncStreamReader{T}.MoveNext"/>. Await the result once, before the next read.</summary>
    ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken = default);
}
