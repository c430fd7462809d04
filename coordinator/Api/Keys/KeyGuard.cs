using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api.Keys;

/// <summary>
/// Lets requests pass that come with a key, within its limits: what is posted counts. Handlers find the <see cref="ApiKey"/> among the
/// request's features.
/// </summary>
internal sealed class KeyGuard(ApiKeys keys, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    // By name: what was used outlives a change of the file.
    private readonly ConcurrentDictionary<string, KeyUsage> _usage = new();

    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenAccess>() is not null)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        var key = Find(context);
        context.Features.Set(key);
        using var use = HttpMethods.IsPost(context.Request.Method) ? _usage.GetOrAdd(key.Name, _ => new KeyUsage(time)).Enter(key) : null;
        await next(context).ConfigureAwait(false);
    }

    private ApiKey Find(HttpContext context)
    {
        var given = context.Request.Headers.Authorization.ToString();
        if (given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && keys.Find(given[Scheme.Length..].Trim()) is { } key) return key;

        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ApiException(new ApiError(
            StatusCodes.Status401Unauthorized,
            given.Length == 0 ? "An API key is needed: send it as 'Authorization: Bearer KEY'." : "Incorrect API key provided.",
            Code: "invalid_api_key"));
    }
}
