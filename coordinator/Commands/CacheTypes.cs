using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Commands;

/// <summary>Formats that keys and values can be cached in, as they are written on the command line.</summary>
internal static class CacheTypes
{
    public static IReadOnlyDictionary<string, TensorType> ByName { get; } = KvCacheFormat.Types.ToDictionary(KvCacheFormat.NameOf);
}
