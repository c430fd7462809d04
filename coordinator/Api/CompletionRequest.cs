using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Api;

/// <summary>A checked request to <c>/v1/completions</c>.</summary>
internal sealed record CompletionRequest
{
    /// <summary>The prompt as text; null when it came as token ids.</summary>
    public string? PromptText { get; init; }

    public IReadOnlyList<int> PromptTokens { get; init; } = [];

    public string? Model { get; init; }

    public int MaxTokens { get; init; } = 16;

    public SamplingOptions Sampling { get; init; } = new();

    public IReadOnlyList<string> Stop { get; init; } = [];

    public bool Stream { get; init; }

    /// <summary>Whether a last chunk of the stream tells the usage.</summary>
    public bool IncludeUsage { get; init; }

    public bool IgnoreEndOfText { get; init; }
}
