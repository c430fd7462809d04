using System.Text.Json;
using Cluster.Coordinator.Scheduling;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>Whether the program lives, and whether it can answer.</summary>
internal sealed class HealthEndpoint(ServingState state)
{
    /// <summary>200 while the model is loaded, 503 before, after, and while lost workers are replaced.</summary>
    public Task ReadyAsync(HttpContext context)
    {
        var engine = state.Engine?.Engine;
        var status = state.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return WriteAsync(context, status, state.Status, state.Reason, engine?.Cache);
    }

    public static Task LiveAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, "ok", "", null);

    private static Task WriteAsync(HttpContext context, int statusCode, string status, string reason, CacheSnapshot? cache) =>
        JsonResponses.WriteAsync(context, statusCode, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", status);
            if (reason.Length > 0) json.WriteString("reason", reason);
            if (cache is not null) Write(json, cache);
            json.WriteEndObject();
        });

    /// <summary>The cache's use, as the property <c>kv_cache</c>.</summary>
    public static void Write(Utf8JsonWriter json, CacheSnapshot cache)
    {
        json.WriteStartObject("kv_cache");
        json.WriteNumber("block_tokens", cache.BlockTokens);
        json.WriteNumber("blocks", cache.BlockCount);
        json.WriteNumber("free_blocks", cache.FreeBlocks);
        json.WriteNumber("cached_blocks", cache.CachedBlocks);
        json.WriteNumber("used_blocks", cache.UsedBlocks);
        json.WriteNumber("evictions", cache.Evictions);
        json.WriteNumber("prefix_lookups", cache.Lookups);
        json.WriteNumber("prefix_lookup_tokens", cache.LookupTokens);
        json.WriteNumber("prefix_hit_tokens", cache.HitTokens);
        json.WriteNumber("prefix_hit_rate", Math.Round(cache.HitRate, 4));
        json.WriteEndObject();
    }
}
