using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Grpc.AspNetCore.Server;

/// <summary>Makes an endpoint of each method of one service.</summary>
internal sealed class ServiceBinder(IEndpointRouteBuilder endpoints, MethodRegistry registry)
{
    private static readonly string[] Post = ["POST"];

    private readonly List<IEndpointConventionBuilder> _methods = [];

    public void Add<TRequest, TResponse>(Method<TRequest, TResponse> method, MethodInvoker<TRequest, TResponse> invoke)
        where TRequest : class
        where TResponse : class
    {
        registry.Add(method.ServiceName);
        var handler = new MethodHandler<TRequest, TResponse>(method, invoke, registry);
        _methods.Add(endpoints
            .MapMethods(method.FullName, Post, handler.HandleAsync)
            .WithDisplayName($"gRPC - {method.FullName}"));
    }

    public GrpcServiceEndpointConventionBuilder Build()
    {
        if (registry.TryAddFallback(endpoints))
            MapUnimplemented();
        return new GrpcServiceEndpointConventionBuilder(_methods);
    }

    /// <summary>Calls of unknown methods get a gRPC status. Other requests must not be caught: the constraint sees to that.</summary>
    private void MapUnimplemented()
    {
        var pattern = RoutePatternFactory.Parse(
            "{service}/{method}", defaults: null, parameterPolicies: new { service = new GrpcCallConstraint() });
        endpoints.Map(pattern, new UnimplementedHandler(registry).HandleAsync)
            .WithDisplayName("gRPC - unimplemented")
            .Add(endpoint => ((RouteEndpointBuilder)endpoint).Order = int.MaxValue);
    }
}
