using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Planning;

/// <summary>What would fit where a context does not.</summary>
internal static class CacheProposal
{
    /// <summary>How much more an error in keys costs than the same error in values: KVSplit's perplexity with 4-bit keys and with 4-bit values.</summary>
    private const double KeyWeight = 7;

    /// <param name="needs">What each device has to hold.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="tokens">The context.</param>
    /// <returns>The types that keep most and fit, else the largest context, else that there is none.</returns>
    public static string For(IReadOnlyCollection<MemoryNeed> needs, PlanOptions options, int tokens)
    {
        var best = default((double Error, KvCacheFormat Format)?);
        foreach (var keyType in KvCacheFormat.Types)
        {
            foreach (var valueType in KvCacheFormat.Types)
            {
                var format = options.CacheFormat with { KeyType = keyType, ValueType = valueType };
                var error = KeyWeight * ErrorOf(keyType) + ErrorOf(valueType);
                if ((best is null || error < best.Value.Error) && needs.All(need => need.TokensIn(format, options) >= tokens)) best = (error, format);
            }
        }

        if (best is { Format: var fitting }) return $"{KvCacheFormat.NameOf(fitting.KeyType)}/{KvCacheFormat.NameOf(fitting.ValueType)} fits";

        var context = needs.Min(need => need.TokensIn(options.CacheFormat, options));
        return context > 0 ? $"no cache type fits, a context of {context} does" : "no cache type and no context fits";
    }

    /// <summary>A rounding error's square, which each further bit makes a quarter.</summary>
    private static double ErrorOf(TensorType type)
    {
        var trait = TensorTraits.Get(type);
        return Math.Pow(4, -8.0 * trait.BlockBytes / trait.BlockSize);
    }
}
