using System.Text.Json;

namespace Cluster.Coordinator.Clients;

/// <summary>A server that a client of ours asked cannot or will not answer; the message is one line for the user.</summary>
internal sealed class ServerException(string message) : Exception(message.ReplaceLineEndings(" ").Trim())
{
    /// <summary>What an answer's JSON says went wrong; null where it is none, or says nothing.</summary>
    public static string? MessageOf(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out var error) ? MessageOf(error) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>OpenAI's errors are objects with a message; some servers send only a text.</summary>
    public static string MessageOf(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) ? message.ToString() : error.ToString();
}
