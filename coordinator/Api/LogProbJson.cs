using System.Text.Json;
using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Api;

/// <summary>A token with its log-probability, as chat completions give it.</summary>
internal static class LogProbJson
{
    /// <summary>What OpenAI's API writes for a token that cannot come.</summary>
    private const float Impossible = -9999;

    /// <summary>JSON has no infinity.</summary>
    public static float Finite(float logProb) => Math.Max(logProb, Impossible);

    /// <summary>Members of the token's object.</summary>
    public static void Write(Utf8JsonWriter json, Tokenizer tokenizer, int id, float logProb)
    {
        json.WriteString("token", tokenizer.TokenText(id));
        json.WriteNumber("logprob", Finite(logProb));
        json.WriteStartArray("bytes");
        foreach (var part in tokenizer.TokenBytes(id).Span) json.WriteNumberValue(part);
        json.WriteEndArray();
    }
}
