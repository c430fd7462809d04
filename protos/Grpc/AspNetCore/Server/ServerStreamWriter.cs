using Grpc.Core;
using Grpc.Streams;

namespace Grpc.AspNetCore.Server;

/// <summary>The responses of a call.</summary>
internal sealed class ServerStreamWriter<T>(
    ServerCallContext context, ServerResponse response, Action<T, SerializationContext> serializer)
    : IServerStreamWriter<T>, IMessageStreamWriter<T>
    where T : class
{
    public WriteOptions? WriteOptions
    {
        get => context.WriteOptions;
        set => context.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteMessageAsync(message).AsTask();

    public Task WriteAsync(T message, CancellationToken cancellationToken) => WriteMessageAsync(message, cancellationToken).AsTask();

    public ValueTask WriteMessageAsync(T message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var flush = WriteOptions is null || (WriteOptions.Flags & WriteFlags.BufferHint) == 0;
        return response.WriteAsync(message, serializer, flush, cancellationToken);
    }
}
