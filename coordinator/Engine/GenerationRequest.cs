using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Engine;

/// <summary>A text to be continued.</summary>
internal sealed record GenerationRequest
{
    /// <summary>At least one token, fewer than the context holds.</summary>
    public required ReadOnlyMemory<int> Prompt { get; init; }

    /// <summary>Whom it is for: the cluster is shared fairly among tenants.</summary>
    public Tenant Tenant { get; init; } = Tenant.Anyone;

    /// <summary>Valid for the model's vocabulary.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Tokens to generate at most; the context may end earlier.</summary>
    public int MaxTokens { get; init; } = int.MaxValue;

    /// <summary>None is empty. The text ends before the first that occurs.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Told all tokens, prompt and generated, by the engine's loop when the text has ended for whatever reason.</summary>
    public Action<int[]>? Ended { get; init; }

    /// <summary>Go on after the model's end-of-text tokens: for measurements that need a given number of tokens.</summary>
    public bool IgnoreEndOfText { get; init; }
}
