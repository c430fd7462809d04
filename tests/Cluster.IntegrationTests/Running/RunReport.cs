using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.IntegrationTests.Running;

/// <summary>The object that <c>cluster run --json</c> prints.</summary>
internal sealed record RunReport
{
    [JsonPropertyName("prompt_tokens")]
    public required int[] PromptTokens { get; init; }

    /// <summary>Of the prompt, with <c>--load-kv</c>.</summary>
    [JsonPropertyName("cached_tokens")]
    public int CachedTokens { get; init; }

    [JsonPropertyName("tokens")]
    public required int[] Tokens { get; init; }

    [JsonPropertyName("text")]
    public required string Text { get; init; }

    [JsonPropertyName("kv_bytes_per_token")]
    public required double KvBytesPerToken { get; init; }

    [JsonPropertyName("wire_bytes_per_token")]
    public required double WireBytesPerToken { get; init; }

    [JsonPropertyName("prefill_tokens_per_second")]
    public required double PrefillTokensPerSecond { get; init; }

    [JsonPropertyName("decode_tokens_per_second")]
    public required double DecodeTokensPerSecond { get; init; }

    [JsonPropertyName("time_to_first_token_ms")]
    public required double TimeToFirstTokenMs { get; init; }

    /// <summary>Runs <c>cluster run ARGUMENTS --json</c>, which must succeed and print nothing but the object.</summary>
    public static RunReport Of(params string[] arguments)
    {
        var result = ClusterProgram.Run(["run", .. arguments, "--json"]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return JsonSerializer.Deserialize<RunReport>(result.Output)!;
    }
}
