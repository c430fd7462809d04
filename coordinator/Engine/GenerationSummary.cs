namespace Cluster.Coordinator.Engine;

/// <summary>How a generation went.</summary>
internal sealed record GenerationSummary
{
    public required FinishReason Reason { get; init; }

    /// <summary>One line for <see cref="FinishReason.Error"/>, else null.</summary>
    public string? Error { get; init; }

    /// <summary>Timestamp at which it was queued.</summary>
    public long Submitted { get; init; }

    public required int PromptTokens { get; init; }

    /// <summary>Tokens at the prompt's beginning whose keys and values were in the cache already.</summary>
    public required int CachedTokens { get; init; }

    /// <summary>Tokens that steps took in for it up to the first token: the prompt's without the cached ones, some twice after a preemption.</summary>
    public required int PrefilledTokens { get; init; }

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

    /// <summary>Of tokens that were computed: what came from the cache took no time.</summary>
    public double PrefillTokensPerSecond => Rate(PrefilledTokens, Prefill);

    /// <summary>The first token is the prefill's.</summary>
    public double DecodeTokensPerSecond => Rate(GeneratedTokens - 1, Decode);

    /// <summary>Bytes on the wire for each token that was decoded; of a text of one token, for each that was prefilled.</summary>
    public double WireBytesPerToken => GeneratedTokens > 1
        ? (double)DecodeWireBytes / (GeneratedTokens - 1)
        : (double)PrefillWireBytes / Math.Max(1, PrefilledTokens);

    private static double Rate(int tokens, TimeSpan time) => tokens > 0 && time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}
