using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.IntegrationTests.Running;

/// <summary>A prompt with what an independent float64 program computed from the same weights.</summary>
internal sealed record GoldenPrompt
{
    [JsonPropertyName("text")]
    public required string Text { get; init; }

    [JsonPropertyName("prompt_tokens")]
    public required int[] PromptTokens { get; init; }

    [JsonPropertyName("greedy_tokens")]
    public required int[] GreedyTokens { get; init; }

    public static GoldenPrompt[] Storyteller() =>
        JsonSerializer.Deserialize<GoldenPrompt[]>(File.ReadAllText(RepositoryFiles.Shared("golden/storyteller-29m.json")))!;
}
