namespace Cluster.Coordinator.Scheduling;

/// <summary>How the KV cache is used. Every block is free, cached or in use.</summary>
internal sealed record CacheSnapshot
{
    public required int BlockTokens { get; init; }

    public required int BlockCount { get; init; }

    /// <summary>Blocks that hold nothing.</summary>
    public required int FreeBlocks { get; init; }

    /// <summary>Blocks that no sequence uses, kept in case their tokens come again.</summary>
    public required int CachedBlocks { get; init; }

    /// <summary>Cached blocks that were taken for other tokens, since the start.</summary>
    public required long Evictions { get; init; }

    /// <summary>Sequences that were looked up when they were given blocks, since the start.</summary>
    public required long Lookups { get; init; }

    /// <summary>Tokens that could have been in the cache, over all lookups.</summary>
    public required long LookupTokens { get; init; }

    /// <summary>Tokens that were.</summary>
    public required long HitTokens { get; init; }

    public int UsedBlocks => BlockCount - FreeBlocks - CachedBlocks;

    /// <summary>Part of the tokens looked up that were in the cache; 0 before the first lookup.</summary>
    public double HitRate => LookupTokens > 0 ? (double)HitTokens / LookupTokens : 0;
}
