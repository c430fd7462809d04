using System.Diagnostics.CodeAnalysis;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Finds or makes the service instance of a call.</summary>
internal sealed class ServiceActivator<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TService>
    where TService : class
{
    private readonly ObjectFactory<TService> _create = ActivatorUtilities.CreateFactory<TService>([]);

    public Lease Get(ServerCallContext context)
    {
        var services = context.GetHttpContext().RequestServices;
        return services.GetService<TService>() is { } instance
            ? new Lease(instance, owned: false)
            : new Lease(_create(services, null), owned: true);
    }

    /// <summary>A service instance; disposes it if it was made for the call.</summary>
    public readonly struct Lease(TService instance, bool owned) : IAsyncDisposable
    {
        public TService Instance { get; } = instance;

        public ValueTask DisposeAsync()
        {
            if (!owned)
                return ValueTask.CompletedTask;
            if (Instance is IAsyncDisposable asynchronous)
                return asynchronous.DisposeAsync();
            (Instance as IDisposable)?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
