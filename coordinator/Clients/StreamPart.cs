using System.Text.Json;

namespace Cluster.Coordinator.Clients;

/// <summary>One event of a streamed answer.</summary>
/// <param name="Text">What the text grows by; empty where the event tells of something else.</param>
/// <param name="FinishReason">Why the text ended; null while it goes on.</param>
/// <param name="PromptTokens">Not null in the event that tells the usage.</param>
/// <param name="CompletionTokens">The same.</param>
internal readonly record struct StreamPart(string Text, string? FinishReason = null, int? PromptTokens = null, int? CompletionTokens = null)
{
    /// <exception cref="ServerException">It is an error, or not what OpenAI's API sends.</exception>
    public static StreamPart Parse(ReadOnlyMemory<char> data)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            var root = document.RootElement;
            if (root.TryGetProperty("error", out var error)) throw new ServerException(ServerException.MessageOf(error));

            var part = new StreamPart("");
            if (root.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
                part = part with { PromptTokens = Count(usage, "prompt_tokens"), CompletionTokens = Count(usage, "completion_tokens") };
            if (!root.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0) return part;

            var choice = choices[0];
            if (choice.TryGetProperty("finish_reason", out var reason)) part = part with { FinishReason = reason.GetString() };
            if (choice.TryGetProperty("text", out var text)) return part with { Text = text.GetString() ?? "" };
            return choice.TryGetProperty("delta", out var delta) && delta.TryGetProperty("content", out var content) ? part with { Text = content.GetString() ?? "" } : part;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ServerException("the server sent an event that is not as OpenAI's API has them");
        }
    }

    private static int? Count(JsonElement usage, string name) => usage.TryGetProperty(name, out var value) ? value.GetInt32() : null;
}
