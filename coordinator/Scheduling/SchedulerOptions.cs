namespace Cluster.Coordinator.Scheduling;

internal sealed record SchedulerOptions
{
    /// <summary>Prompt tokens that keep products as fast as any number of them does.</summary>
    private const int SmallestChunk = 64;

    /// <summary>Prompt tokens that one step takes in at most, over all sequences; the rest of a long prompt waits for the next steps.</summary>
    public int PrefillChunk { get; init; } = 512;

    /// <summary>Sequences that share a step at most.</summary>
    public int MaxSequences { get; init; } = 64;

    /// <summary>Whether blocks of the KV cache are kept and shared for texts that begin alike.</summary>
    public bool PrefixCache { get; init; } = true;

    /// <summary>The largest step, in tokens: a full chunk for one sequence beside one decode of each other.</summary>
    public int MaxStepTokens => PrefillChunk + MaxSequences - 1;

    /// <summary>Prompt tokens of one of <paramref name="depth"/> steps that are under way at a time: all of them together take in a full chunk.</summary>
    public int ChunkOf(int depth) => depth == 1 ? PrefillChunk : Math.Min(PrefillChunk, Math.Max(SmallestChunk, PrefillChunk / depth));
}
