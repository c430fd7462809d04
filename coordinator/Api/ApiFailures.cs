using System.Text.Json;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>Turns what handlers throw into answers: bad input into its status, anything else into a 500 that tells nothing of our inside.</summary>
internal static class ApiFailures
{
    public static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
            RequestObservation.Of(context)?.Abandon();
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var error = ToError(e);
            RequestObservation.Of(context)?.Fail(error);
            await JsonResponses.WriteAsync(context, error).ConfigureAwait(false);
        }
    }

    private static ApiError ToError(Exception e) => e switch
    {
        ApiException known => known.Error,
        BadHttpRequestException bad => new ApiError(bad.StatusCode, bad.Message),
        JsonException json => ApiError.Invalid(null, $"The body is not valid JSON: {json.Message}"),
        EngineException engine => new ApiError(StatusCodes.Status503ServiceUnavailable, $"The model cannot be reached: {engine.Message}."),
        _ => new ApiError(StatusCodes.Status500InternalServerError, "The server failed to answer the request."),
    };
}
