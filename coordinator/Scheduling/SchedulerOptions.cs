namespace Cluster.Coordinator.Scheduling;

internal sealed record SchedulerOptions
{
    /// <summary>Prompt tokens that one step takes in at most, over all sequences; the rest of a long prompt waits for the next steps.</summary>
    public int PrefillChunk { get; init; } = 512;

    /// <summary>Sequences that share a step at most.</summary>
    public int MaxSequences { get; init; } = 64;

    /// <summary>Whether blocks of the KV cache are kept and shared for texts that begin alike.</summary>
    public bool PrefixCache { get; init; } = true;

    /// <summary>The largest step, in tokens: a full chunk for one sequence beside one decode of each other.</summary>
    public int MaxStepTokens => PrefillChunk + MaxSequences - 1;
}
