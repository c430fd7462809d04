using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server;

/// <summary>Matches requests that are gRPC calls.</summary>
internal sealed class GrpcCallConstraint : IRouteConstraint
{
    public bool Match(
        HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        httpContext is { Request: var request }
        && HttpMethods.IsPost(request.Method)
        && GrpcProtocol.IsGrpcContentType(request.ContentType);
}
