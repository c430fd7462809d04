using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>A response that is a stream of events, each sent as soon as it is there.</summary>
internal sealed class ServerSentEvents(HttpContext context)
{
    private static readonly byte[] s_prefix = "data: "u8.ToArray(), s_suffix = "\n\n"u8.ToArray(), s_end = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>Sends the headers, so that the client knows at once that it was accepted.</summary>
    public Task StartAsync()
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        return context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public async Task SendAsync(Action<Utf8JsonWriter> write)
    {
        var body = context.Response.Body;
        await body.WriteAsync(s_prefix, context.RequestAborted).ConfigureAwait(false);
        await body.WriteAsync(JsonResponses.Build(write), context.RequestAborted).ConfigureAwait(false);
        await body.WriteAsync(s_suffix, context.RequestAborted).ConfigureAwait(false);
        await body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Tells the client that nothing more comes.</summary>
    public async Task EndAsync()
    {
        await context.Response.Body.WriteAsync(s_end, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
