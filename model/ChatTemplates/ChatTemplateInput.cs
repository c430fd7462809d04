using System.Text.Json;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates;

/// <summary>What a chat template is rendered with.</summary>
public sealed record ChatTemplateInput
{
    /// <summary>The conversation: an array of objects with <c>role</c> and <c>content</c>, as in OpenAI's API.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>Whether the prompt ends with what begins the assistant's turn.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Text of the model's first token; empty if it has none.</summary>
    public string BosToken { get; init; } = "";

    /// <summary>Text of the token that ends a text; empty if the model has none.</summary>
    public string EosToken { get; init; } = "";

    /// <summary>Further names, such as switches that a model's template knows.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extra { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What templates that tell the model the date take it from.</summary>
    public DateTimeOffset Now { get; init; } = DateTimeOffset.UnixEpoch;

    internal Scope ToScope(Scope globals)
    {
        var scope = new Scope(globals);
        scope.Set("tools", null);
        scope.Set("documents", null);
        foreach (var (name, value) in Extra) scope.Set(name, JsonValues.Read(value));
        scope.Set("messages", JsonValues.Read(Messages));
        scope.Set("add_generation_prompt", AddGenerationPrompt);
        scope.Set("bos_token", BosToken);
        scope.Set("eos_token", EosToken);
        return new Scope(scope);
    }
}
