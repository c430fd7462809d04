using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>Whether the program lives, and whether it can answer.</summary>
internal sealed class HealthEndpoint(ServingState state)
{
    /// <summary>200 once the model is loaded, 503 before and after.</summary>
    public Task ReadyAsync(HttpContext context)
    {
        var status = state.Engine is null ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return WriteAsync(context, status, state.Status, state.Reason);
    }

    public static Task LiveAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, "ok", "");

    private static Task WriteAsync(HttpContext context, int statusCode, string status, string reason) =>
        JsonResponses.WriteAsync(context, statusCode, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", status);
            if (reason.Length > 0) json.WriteString("reason", reason);
            json.WriteEndObject();
        });
}
