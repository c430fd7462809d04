using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>A server with OpenAI's API.</summary>
/// <param name="client">The way to it.</param>
/// <param name="model">Which of its models.</param>
/// <param name="isChat">Whether it is asked to chat instead of to continue texts.</param>
/// <param name="ignoresEnd">Whether it is asked to go on after the end of the text, which not all servers know.</param>
internal sealed class ServerTarget(CompletionClient client, string model, bool isChat, bool ignoresEnd) : ILoadTarget
{
    private const int TrialWords = 64;

    public IAsyncEnumerable<StreamPart> StreamAsync(PlannedRequest request, CancellationToken cancellationToken) =>
        client.StreamAsync(isChat ? "v1/chat/completions" : "v1/completions", Body(request), cancellationToken);

    /// <summary>Asks once, so that all is warm, and learns how many tokens a word is.</summary>
    /// <exception cref="ServerException">The server does not answer such requests.</exception>
    public async Task<double> TryAsync(CancellationToken cancellationToken)
    {
        var tokens = 0;
        var trial = new PlannedRequest(RequestPlan.Words(new Random(1), TrialWords), 8, 0);
        await foreach (var part in StreamAsync(trial, cancellationToken).ConfigureAwait(false)) tokens = part.PromptTokens ?? tokens;
        return tokens > 0 ? (double)tokens / TrialWords : 1;
    }

    private ReadOnlyMemory<byte> Body(PlannedRequest request) => JsonResponses.Build(json =>
    {
        json.WriteStartObject();
        json.WriteString("model", model);
        if (isChat) WriteMessages(json, request.Prompt);
        else json.WriteString("prompt", request.Prompt);
        json.WriteNumber("max_tokens", request.OutputTokens);
        json.WriteNumber("temperature", 0);
        if (ignoresEnd) json.WriteBoolean("ignore_eos", true);
        json.WriteBoolean("stream", true);
        json.WriteStartObject("stream_options");
        json.WriteBoolean("include_usage", true);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteMessages(Utf8JsonWriter json, string prompt)
    {
        json.WriteStartArray("messages");
        json.WriteStartObject();
        json.WriteString("role", "user");
        json.WriteString("content", prompt);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
