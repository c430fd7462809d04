using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Testing;

/// <summary>A prompt with what an independent float64 program computed from the same weights.</summary>
internal sealed record GoldenPrompt
{
    /// <summary>The prompt, or for <see cref="Stories260K"/> the continuation.</summary>
    [JsonPropertyName("text")]
    public string Text { get; init; } = "";

    [JsonPropertyName("prompt_tokens")]
    public required int[] PromptTokens { get; init; }

    [JsonPropertyName("mean_nll")]
    public double MeanNll { get; init; }

    [JsonPropertyName("top_tokens")]
    public int[] TopTokens { get; init; } = [];

    [JsonPropertyName("top_logits")]
    public double[] TopLogits { get; init; } = [];

    [JsonPropertyName("greedy_tokens")]
    public required int[] GreedyTokens { get; init; }

    public static GoldenPrompt[] Storyteller() => Read<GoldenPrompt[]>("golden/storyteller-29m.json");

    public static GoldenPrompt Stories260K() => Read<GoldenPrompt>("golden/stories260K.json");

    private static T Read<T>(string file) => JsonSerializer.Deserialize<T>(File.ReadAllText(RepositoryFiles.Shared(file)))!;
}
