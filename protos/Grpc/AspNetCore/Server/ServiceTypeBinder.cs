using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>Binds the methods of a service class, of which every call gets its own instance.</summary>
internal sealed class ServiceTypeBinder<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicMethods)] TService>
    : ServiceBinderBase
    where TService : class
{
    private readonly ServiceBinder _binder;
    private readonly ServiceActivator<TService> _activator = new();

    private ServiceTypeBinder(ServiceBinder binder) => _binder = binder;

    /// <summary>Calls the generated <c>BindService</c> with this binder and no instance.</summary>
    /// <exception cref="InvalidOperationException">The type does not derive from a generated service base.</exception>
    public static void Bind(ServiceBinder binder)
    {
        var attribute = typeof(TService).GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)
            ?? throw new InvalidOperationException($"{typeof(TService)} does not derive from a generated gRPC service base.");
        foreach (var method in attribute.BindType.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (method.Name != attribute.BindMethodName
                || method.GetParameters() is not [{ ParameterType: var first }, { ParameterType: var second }]
                || first != typeof(ServiceBinderBase) || !second.IsAssignableFrom(typeof(TService)))
            {
                continue;
            }

            method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [new ServiceTypeBinder<TService>(binder), null], null);
            return;
        }

        throw new InvalidOperationException($"{attribute.BindType} has no method {attribute.BindMethodName}(ServiceBinderBase, service).");
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var open = Open<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>(
            method, typeof(TRequest), typeof(ServerCallContext));
        _binder.Add(method, async call =>
        {
            await using var service = _activator.Get(call.Context);
            var request = await call.ReadSingleAsync().ConfigureAwait(false);
            await call.WriteSingleAsync(await open(service.Instance, request, call.Context).ConfigureAwait(false)).ConfigureAwait(false);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var open = Open<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        _binder.Add(method, async call =>
        {
            await using var service = _activator.Get(call.Context);
            await call.WriteSingleAsync(await open(service.Instance, call.Reader, call.Context).ConfigureAwait(false)).ConfigureAwait(false);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var open = Open<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        _binder.Add(method, async call =>
        {
            await using var service = _activator.Get(call.Context);
            var request = await call.ReadSingleAsync().ConfigureAwait(false);
            await open(service.Instance, request, call.Writer, call.Context).ConfigureAwait(false);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var open = Open<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        _binder.Add(method, async call =>
        {
            await using var service = _activator.Get(call.Context);
            await open(service.Instance, call.Reader, call.Writer, call.Context).ConfigureAwait(false);
        });
    }

    /// <summary>The service's method of that name, as a delegate that takes the instance first.</summary>
    private static TDelegate Open<TDelegate>(IMethod method, params Type[] parameters)
        where TDelegate : Delegate
    {
        var handler = typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters)
            ?? throw new InvalidOperationException($"{typeof(TService)} has no method {method.Name} that handles {method.FullName}.");
        return handler.CreateDelegate<TDelegate>();
    }
}
