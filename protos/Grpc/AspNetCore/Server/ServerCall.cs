using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>One call on the server.</summary>
internal sealed class ServerCall<TRequest, TResponse>(
    HttpServerCallContext context,
    ServerStreamReader<TRequest> reader,
    ServerResponse response,
    Action<TResponse, SerializationContext> serializer)
    where TRequest : class
    where TResponse : class
{
    public HttpServerCallContext Context => context;

    public ServerStreamReader<TRequest> Reader => reader;

    public ServerStreamWriter<TResponse> Writer { get; } = new(context, response, serializer);

    /// <summary>The request of a method that takes one.</summary>
    /// <exception cref="RpcException">There is none, or more than one.</exception>
    public async ValueTask<TRequest> ReadSingleAsync()
    {
        if (!await reader.MoveNextAsync().ConfigureAwait(false))
            throw new RpcException(new Status(StatusCode.Unimplemented, "The call has no request message."));
        var request = reader.Current;
        if (await reader.MoveNextAsync().ConfigureAwait(false))
            throw new RpcException(new Status(StatusCode.Unimplemented, "The call has more than one request message."));
        return request;
    }

    /// <summary>Writes the response of a method that gives one. It leaves together with the trailers.</summary>
    /// <exception cref="InvalidOperationException">The handler returned null.</exception>
    public ValueTask WriteSingleAsync(TResponse? message)
    {
        if (message is null)
            throw new InvalidOperationException($"The handler of {context.Method} returned no message.");

        // A handler may end its call with an error also by setting the status; then there is no message.
        return context.Status.StatusCode == StatusCode.OK
            ? response.WriteAsync(message, serializer, flush: false, CancellationToken.None)
            : ValueTask.CompletedTask;
    }
}
