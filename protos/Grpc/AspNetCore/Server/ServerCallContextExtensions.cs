using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>The way from a call to ASP.NET.</summary>
public static class ServerCallContextExtensions
{
    /// <summary>The HTTP context of a call, for example for the client's certificate. Not to be used after the call.</summary>
    /// <exception cref="InvalidOperationException">The call is not served by this library.</exception>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext) =>
        serverCallContext is HttpServerCallContext context
            ? context.HttpContext
            : throw new InvalidOperationException("This call does not come from HTTP.");
}
