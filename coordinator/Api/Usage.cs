using System.Text.Json;
using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Api;

/// <summary>What an answer cost.</summary>
internal sealed class Usage
{
    private int _promptTokens;
    private int _cachedTokens;
    private int _completionTokens;

    /// <param name="summary">Of a text that ended.</param>
    /// <param name="countsPrompt">Whether it is the first of its prompt.</param>
    public void Add(GenerationSummary summary, bool countsPrompt)
    {
        _completionTokens += summary.GeneratedTokens;
        if (!countsPrompt) return;
        _promptTokens += summary.PromptTokens;
        _cachedTokens += summary.CachedTokens;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", _promptTokens);
        json.WriteNumber("completion_tokens", _completionTokens);
        json.WriteNumber("total_tokens", _promptTokens + _completionTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", _cachedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
