namespace Cluster.Coordinator.Engine;

/// <summary>How a generation went.</summary>
internal sealed record GenerationSummary
{
    public required FinishReason Reason { get; init; }

    /// <summary>One line for <see cref="FinishReason.Error"/>, else null.</summary>
    public string? Error { get; init; }

    public required int PromptTokens { get; init; }

    public required int GeneratedTokens { get; init; }

    /// <summary>From the request to the first token, waiting in the queue included.</summary>
    public required TimeSpan TimeToFirstToken { get; init; }

    /// <summary>From the first step that took it in to the first token.</summary>
    public required TimeSpan Prefill { get; init; }

    /// <summary>From the first token to the last.</summary>
    public required TimeSpan Decode { get; init; }

    /// <summary>Its part of all bytes sent between the processes of the cluster, coordinator included, up to the first token.</summary>
    public required long PrefillWireBytes { get; init; }

    /// <summary>The same after the first token.</summary>
    public required long DecodeWireBytes { get; init; }

    public double PrefillTokensPerSecond => Rate(PromptTokens, Prefill);

    /// <summary>The first token is the prefill's.</summary>
    public double DecodeTokensPerSecond => Rate(GeneratedTokens - 1, Decode);

    /// <summary>Bytes on the wire for each token that was decoded; of a text of one token, for each of the prompt's.</summary>
    public double WireBytesPerToken => GeneratedTokens > 1
        ? (double)DecodeWireBytes / (GeneratedTokens - 1)
        : (double)PrefillWireBytes / PromptTokens;

    private static double Rate(int tokens, TimeSpan time) => tokens > 0 && time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}
