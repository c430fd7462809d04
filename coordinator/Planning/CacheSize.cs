using System.Collections.Immutable;
using System.Globalization;

namespace Cluster.Coordinator.Planning;

/// <summary>How large the KV cache is, or why it cannot be.</summary>
internal readonly record struct CacheSize(int ContextLength, int BlockCount, ImmutableArray<PlanRefusal> Refusals)
{
    /// <summary>A context that nobody asked for is not cut below this; such a cluster is too small for the model.</summary>
    private const int SmallestContext = 512;

    /// <param name="needs">What each device has to hold.</param>
    /// <param name="modelContext">Tokens that the model was trained for.</param>
    /// <param name="options">What was asked for.</param>
    public static CacheSize Fit(IEnumerable<MemoryNeed> needs, int modelContext, PlanOptions options)
    {
        var context = options.ContextLength ?? modelContext;
        var least = options.ContextLength ?? Math.Min(modelContext, SmallestContext);
        var wanted = Math.Max(context, options.CacheTokens);
        var tokens = wanted;
        var refusals = ImmutableArray.CreateBuilder<PlanRefusal>();
        foreach (var need in needs)
        {
            if (need.OfferedBytes is not { } offered) continue;

            // Whole blocks are allocated: the last one may be partly beyond what is asked for.
            var fitting = (offered - need.FixedBytes) / Math.Max(1, need.KvBytesPerToken) / options.BlockTokens * options.BlockTokens;
            tokens = Math.Min(tokens, fitting);
            if (fitting < least) refusals.Add(new(PlanRefusalReason.Memory, Explain(need, offered, least)));
        }

        if (refusals.Count > 0) return new CacheSize(0, 0, refusals.ToImmutable());

        var blocks = (tokens + options.BlockTokens - 1) / options.BlockTokens;
        return new CacheSize((int)Math.Min(context, tokens), (int)Math.Min(blocks, int.MaxValue / options.BlockTokens), []);
    }

    private static string Explain(MemoryNeed need, long offered, int tokens)
    {
        var cache = tokens * need.KvBytesPerToken;
        var ranks = need.RankCount == 1 ? "its rank" : $"its {need.RankCount} ranks";
        return $"device '{need.Member.Device.Id}' of worker '{need.Member.Name}' at {need.Member.Address} needs {MiB(need.FixedBytes + cache)} MiB for {ranks} "
            + $"({MiB(need.FixedBytes)} for weights and work, {MiB(cache)} for the cache of a context of {tokens}), offers {MiB(offered)}";
    }

    private static string MiB(long bytes) => (bytes / (double)(1 << 20)).ToString("N0", CultureInfo.InvariantCulture);
}
