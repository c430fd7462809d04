using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server;

/// <summary>Answers calls of services and methods that are not there.</summary>
internal sealed class UnimplementedHandler(MethodRegistry registry)
{
    public Task HandleAsync(HttpContext httpContext)
    {
        if (!RequestGuard.TryAccept(httpContext))
            return Task.CompletedTask;

        var service = (string)httpContext.GetRouteValue("service")!;
        ResponseTrailers.SendOnly(httpContext.Response, new Status(
            StatusCode.Unimplemented,
            registry.IsKnown(service)
                ? $"The service '{service}' has no method '{httpContext.GetRouteValue("method")}'."
                : $"There is no service '{service}' here."));
        return Task.CompletedTask;
    }
}
