using System.Net;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api.Access;

/// <summary>
/// Where no key is needed: keeps pages of the internet from reaching the API through the browser of somebody who can. On loopback a request
/// must name this machine (a name of the page's own may have been pointed here: DNS rebinding), and nothing may be posted by a page of
/// another origin.
/// </summary>
internal sealed class BrowserGuard(IPAddress listen, CrossOriginAccess origins)
{
    private readonly bool _isLoopback = IPAddress.IsLoopback(listen);

    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (_isLoopback && !IsThisMachine(request.Host.Host))
            throw Refusal($"This server is for its own machine: it does not answer as '{request.Host.Host}'.", "host_not_allowed");

        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !IsRead(request.Method) && !IsSame(origin, request.Host) && !origins.Includes(origin))
            throw Refusal($"Pages of '{origin}' may not use this server.", "origin_not_allowed");

        return next(context);
    }

    /// <summary>No browser leaves the host out.</summary>
    private static bool IsThisMachine(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>What a page of another origin can ask for, but not see.</summary>
    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool IsSame(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase);

    private static ApiException Refusal(string message, string code) => new(new ApiError(StatusCodes.Status403Forbidden, message, Code: code));
}
