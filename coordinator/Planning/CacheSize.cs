using System.Collections.Immutable;

namespace Cluster.Coordinator.Planning;

/// <summary>How large the KV cache is, or why it cannot be.</summary>
internal readonly record struct CacheSize(int ContextLength, int BlockCount, ImmutableArray<PlanRefusal> Refusals)
{
    /// <summary>A context that nobody asked for is not cut below this; such a cluster is too small for the model.</summary>
    private const int SmallestContext = 512;

    /// <param name="needs">What each device has to hold.</param>
    /// <param name="modelContext">Tokens that the model was trained for.</param>
    /// <param name="options">What was asked for.</param>
    public static CacheSize Fit(IReadOnlyCollection<MemoryNeed> needs, int modelContext, PlanOptions options)
    {
        var context = options.ContextLength ?? modelContext;
        var least = options.ContextLength ?? Math.Min(modelContext, SmallestContext);
        var tokens = Math.Max(context, options.CacheTokens);
        var refusals = ImmutableArray.CreateBuilder<PlanRefusal>();
        foreach (var need in needs)
        {
            var fitting = need.TokensIn(options.CacheFormat, options);
            tokens = Math.Min(tokens, fitting);
            if (fitting < least) refusals.Add(new(PlanRefusalReason.Memory, $"{Explain(need, options, least)}; {CacheProposal.For(needs, options, least)}"));
        }

        if (refusals.Count > 0) return new CacheSize(0, 0, refusals.ToImmutable());

        var blocks = (tokens + options.BlockTokens - 1) / options.BlockTokens;
        return new CacheSize((int)Math.Min(context, tokens), (int)Math.Min(blocks, int.MaxValue / options.BlockTokens), []);
    }

    /// <summary>The arithmetic of one device that is too small, in one line.</summary>
    private static string Explain(MemoryNeed need, PlanOptions options, int tokens)
    {
        // Whole blocks are allocated: the last one may be partly beyond what is asked for.
        var blocks = (tokens + options.BlockTokens - 1L) / options.BlockTokens;
        var cache = blocks * options.BlockTokens * need.KvBytesPerToken(options.CacheFormat, options);
        var ranks = need.RankCount == 1 ? "" : $" for {need.RankCount} ranks";
        return $"device '{need.Member.Device.Id}' of worker '{need.Member.Name}' at {need.Member.Address}{ranks}: a context of {tokens} needs "
            + $"{ByteSize.Format(cache)} of KV in {options.CacheFormat}, {ByteSize.Format(need.CacheBytes(options) ?? 0)} free ({Left(need, options)})";
    }

    private static string Left(MemoryNeed need, PlanOptions options)
    {
        var left = need.FreeBytes is { } free
            ? $"{ByteSize.Format(free)} less {ByteSize.Format(need.FixedBytes)} for weights and work and a margin of {ByteSize.Format(need.MarginBytes)}"
            : "enough memory";
        return options.KvMemoryBytes is { } most ? $"{left}; --kv-memory {ByteSize.Format(most)}" : left;
    }
}
