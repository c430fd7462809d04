using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cluster.Coordinator.Telemetry;

/// <summary>Observes every request, outermost in the order of handlers.</summary>
internal sealed class RequestTelemetry(ServerMeter meter, RequestTraces traces, TimeProvider time)
{
    private const string Other = "other";

    private static readonly HashSet<string> s_methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT"];

    public async Task ObserveAsync(HttpContext context, RequestDelegate next)
    {
        var observation = new RequestObservation(meter, traces, time);
        context.Features.Set(observation);
        meter.ActiveRequests.Add(1);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            meter.ActiveRequests.Add(-1);
            observation.End(MethodOf(context), RouteOf(context), context.Response.StatusCode);
        }
    }

    /// <summary>Clients choose the words of their requests: only known ones become labels.</summary>
    private static string MethodOf(HttpContext context) => s_methods.Contains(context.Request.Method) ? context.Request.Method : Other;

    private static string RouteOf(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint { RoutePattern: { RawText: { } route } pattern } && !pattern.Parameters.Any(static parameter => parameter.IsCatchAll)
            ? route
            : Other;
}
