using Cluster.Model.Formats;

namespace Cluster.Coordinator.Commands;

/// <summary>Formats that keys and values can be cached in, as they are written on the command line.</summary>
internal static class CacheTypes
{
    public static IReadOnlyDictionary<string, TensorType> ByName { get; } = new[]
    {
        TensorType.F32, TensorType.F16, TensorType.Q8_0, TensorType.Q4_0,
    }.ToDictionary(type => type.ToString().ToLowerInvariant());
}
