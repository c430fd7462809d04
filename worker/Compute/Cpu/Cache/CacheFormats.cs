using Cluster.Compute.KvCache;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>The cache types that the CPU has, keys and values apart: any key type goes with any value type.</summary>
internal static class CacheFormats
{
    private static readonly KeyFormat[] s_keys =
    [
        new ElementKeys<F32Elements>(), new ElementKeys<F16Elements>(), new ElementKeys<BF16Elements>(),
        new CodeKeys<Q8_0Codes, EightBits>(), new CodeKeys<Q5_1Codes, FiveBits>(), new CodeKeys<Q5_0Codes, FiveBits>(),
        new CodeKeys<Q4_1Codes, FourBits>(), new CodeKeys<Q4_0Codes, FourBits>(), new CodeKeys<IQ4_NLCodes, FourBitLevels>(),
    ];

    private static readonly ValueFormat[] s_values =
    [
        new ElementValues<F32Elements>(), new ElementValues<F16Elements>(), new ElementValues<BF16Elements>(),
        new CodeValues<Q8_0Codes, EightBits>(), new CodeValues<Q5_1Codes, FiveBits>(), new CodeValues<Q5_0Codes, FiveBits>(),
        new CodeValues<Q4_1Codes, FourBits>(), new CodeValues<Q4_0Codes, FourBits>(), new CodeValues<IQ4_NLCodes, FourBitLevels>(),
    ];

    /// <exception cref="KvCacheShapeException">The CPU has no such cache type.</exception>
    public static KeyFormat Keys(TensorType type)
    {
        foreach (var format in s_keys)
        {
            if (format.Type == type) return format;
        }

        throw Unsupported("keys", type);
    }

    /// <exception cref="KvCacheShapeException">The CPU has no such cache type.</exception>
    public static ValueFormat Values(TensorType type)
    {
        foreach (var format in s_values)
        {
            if (format.Type == type) return format;
        }

        throw Unsupported("values", type);
    }

    private static KvCacheShapeException Unsupported(string what, TensorType type)
    {
        var names = string.Join(", ", Array.ConvertAll(s_keys, format => TensorTraits.Get(format.Type).Name.ToLowerInvariant()));
        return new KvCacheShapeException($"KV cache: {what} cannot be {type.ToString().ToLowerInvariant()} on cpu; {names} can");
    }
}
