namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>How one request went, as its client saw it.</summary>
internal sealed record RequestRecord
{
    /// <summary>From the request to the first text.</summary>
    public TimeSpan? FirstToken { get; init; }

    /// <summary>From the request to the end of the answer.</summary>
    public required TimeSpan Whole { get; init; }

    /// <summary>From the first text to the last.</summary>
    public TimeSpan Decode { get; init; }

    /// <summary>Times between two texts of the stream.</summary>
    public IReadOnlyList<TimeSpan> Gaps { get; init; } = [];

    /// <summary>As the server counts them.</summary>
    public int InputTokens { get; init; }

    /// <summary>The same; where it does not tell, texts that came.</summary>
    public int OutputTokens { get; init; }

    /// <summary>What went wrong, in one line; null when all went well.</summary>
    public string? Error { get; init; }

    /// <summary>It began and then brought nothing for too long.</summary>
    public bool IsStalled { get; init; }

    /// <summary>Mean time of a token after the first; null where there is none.</summary>
    public TimeSpan? PerOutputToken => OutputTokens > 1 && Error is null ? Decode / (OutputTokens - 1) : null;
}
