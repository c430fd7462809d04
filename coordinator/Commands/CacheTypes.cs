using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Commands;

/// <summary>Formats that keys and values can be cached in, as they are written on the command line.</summary>
internal static class CacheTypes
{
    public static IReadOnlyDictionary<string, TensorType> ByName { get; } = KvCacheFormat.Types.ToDictionary(KvCacheFormat.NameOf);

    /// <summary>Reads <c>q8_0/q4_0</c>, or one type for both; null when it is neither.</summary>
    public static KvCacheFormat? ParsePair(string text)
    {
        var parts = text.ToLowerInvariant().Split('/');
        return parts.Length <= 2 && ByName.TryGetValue(parts[0], out var keys) && ByName.TryGetValue(parts[^1], out var values)
            ? new KvCacheFormat { KeyType = keys, ValueType = values }
            : null;
    }
}
