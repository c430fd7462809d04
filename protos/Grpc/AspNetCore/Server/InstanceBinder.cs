using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>Binds methods whose handlers belong to an instance.</summary>
internal sealed class InstanceBinder(ServiceBinder binder) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        binder.Add(method, async call =>
        {
            var request = await call.ReadSingleAsync().ConfigureAwait(false);
            await call.WriteSingleAsync(await handler!(request, call.Context).ConfigureAwait(false)).ConfigureAwait(false);
        });

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        binder.Add(method, async call =>
            await call.WriteSingleAsync(await handler!(call.Reader, call.Context).ConfigureAwait(false)).ConfigureAwait(false));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        binder.Add(method, async call =>
        {
            var request = await call.ReadSingleAsync().ConfigureAwait(false);
            await handler!(request, call.Writer, call.Context).ConfigureAwait(false);
        });

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        binder.Add(method, call => handler!(call.Reader, call.Writer, call.Context));
}
