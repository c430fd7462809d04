using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>Reads the JSON of a request.</summary>
internal static class RequestBody
{
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 32 };

    /// <exception cref="ApiException">The body is not what the table describes.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, ParameterTable<T> table, T defaults)
    {
        if (context.Request.Headers.ContentEncoding is [{ Length: > 0 } encoding, ..] && encoding != "identity")
            throw new ApiException(new ApiError(StatusCodes.Status415UnsupportedMediaType, "The body must not be compressed."));

        using var body = await ParseAsync(context, s_json).ConfigureAwait(false);
        try
        {
            return table.Read(body.RootElement, defaults);
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for a text with half a surrogate pair or broken UTF-8, names included.
            throw new ApiException(ApiError.Invalid(null, "The body holds a text that is not valid Unicode."));
        }
    }

    /// <exception cref="ApiException">The body cannot be read.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static async Task<JsonDocument> ParseAsync(HttpContext context, JsonDocumentOptions options)
    {
        try
        {
            return await JsonDocument.ParseAsync(context.Request.Body, options, context.RequestAborted).ConfigureAwait(false);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            // Chunks of impossible sizes, or a connection that breaks.
            throw new ApiException(ApiError.Invalid(null, $"The body cannot be read: {e.Message}"));
        }
    }
}
