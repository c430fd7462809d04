using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Engine;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>Writes a completion as OpenAI's API does: in one piece, or as server-sent events.</summary>
internal sealed class CompletionAnswer(string model, DateTimeOffset created)
{
    private readonly string _id = $"cmpl-{Guid.NewGuid():N}";

    public async Task WriteAsync(HttpContext context, TokenStream stream)
    {
        var text = new StringBuilder();
        await foreach (var token in stream.ReadAllAsync(context.RequestAborted).ConfigureAwait(false)) text.Append(token.Text);

        var summary = stream.Summary!;
        if (ErrorOf(summary) is { } error) throw new ApiException(error);
        await JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json => WriteObject(json, text.ToString(), summary, summary)).ConfigureAwait(false);
    }

    public async Task StreamAsync(HttpContext context, TokenStream stream, bool includeUsage)
    {
        var events = new ServerSentEvents(context);
        await events.StartAsync().ConfigureAwait(false);
        await foreach (var token in stream.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
        {
            // A token may complete no character yet.
            if (token.Text.Length > 0) await events.SendAsync(json => WriteObject(json, token.Text, null, null)).ConfigureAwait(false);
        }

        var summary = stream.Summary!;
        if (ErrorOf(summary) is { } error)
        {
            await events.SendAsync(json => JsonResponses.Write(json, error)).ConfigureAwait(false);
            return;
        }

        await events.SendAsync(json => WriteObject(json, "", summary, null)).ConfigureAwait(false);
        if (includeUsage) await events.SendAsync(json => WriteObject(json, null, null, summary)).ConfigureAwait(false);
        await events.EndAsync().ConfigureAwait(false);
    }

    private static ApiError? ErrorOf(GenerationSummary summary) => summary.Reason switch
    {
        FinishReason.Error => new ApiError(StatusCodes.Status503ServiceUnavailable, $"The text could not be continued: {summary.Error}."),
        FinishReason.Cancelled => new ApiError(StatusCodes.Status503ServiceUnavailable, "The server is shutting down."),
        _ => null,
    };

    /// <param name="json">Where to.</param>
    /// <param name="text">Null for no choice at all.</param>
    /// <param name="finished">Tells why the text ended, if it did.</param>
    /// <param name="usage">Tells the usage, if it is wanted here.</param>
    private void WriteObject(Utf8JsonWriter json, string? text, GenerationSummary? finished, GenerationSummary? usage)
    {
        json.WriteStartObject();
        json.WriteString("id", _id);
        json.WriteString("object", "text_completion");
        json.WriteNumber("created", created.ToUnixTimeSeconds());
        json.WriteString("model", model);
        json.WriteStartArray("choices");
        if (text is not null)
        {
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WriteNumber("index", 0);
            json.WriteNull("logprobs");
            json.WriteString("finish_reason", finished is null ? null : finished.Reason == FinishReason.Length ? "length" : "stop");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (usage is not null)
        {
            json.WriteStartObject("usage");
            json.WriteNumber("prompt_tokens", usage.PromptTokens);
            json.WriteNumber("completion_tokens", usage.GeneratedTokens);
            json.WriteNumber("total_tokens", usage.PromptTokens + usage.GeneratedTokens);
            json.WriteStartObject("prompt_tokens_details");
            json.WriteNumber("cached_tokens", usage.CachedTokens);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
