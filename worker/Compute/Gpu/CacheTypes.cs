using Cluster.Compute.KvCache;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Gpu;

/// <summary>What caches a GPU can have.</summary>
internal static class CacheTypes
{
    /// <summary>A warp's lanes have eight elements each; MOST_ELEMENTS in hadamard.cl.</summary>
    private const int MostElements = 256;

    /// <param name="shape">The cache.</param>
    /// <param name="device">The kind of device, for the error.</param>
    /// <exception cref="KvCacheShapeException">There are no kernels for such a cache.</exception>
    public static void Check(KvCacheShape shape, string device)
    {
        if (shape.HeadDim % 8 != 0 || shape.HeadDim > MostElements)
            throw new KvCacheShapeException($"KV cache: heads of {shape.HeadDim} on {device}: multiples of 8 up to {MostElements} can be");
        foreach (var layer in shape.Layers)
        {
            CheckType("keys", layer.KeyType, device);
            CheckType("values", layer.ValueType, device);
        }
    }

    /// <summary>As types.cuh numbers them; -1 for what a cache cannot be.</summary>
    public static int Number(TensorType type) => type switch
    {
        TensorType.F32 => 0,
        TensorType.F16 => 1,
        TensorType.BF16 => 2,
        TensorType.Q8_0 => 3,
        TensorType.Q5_1 => 4,
        TensorType.Q5_0 => 5,
        TensorType.Q4_1 => 6,
        TensorType.Q4_0 => 7,
        TensorType.IQ4_NL => 8,
        _ => -1,
    };

    private static void CheckType(string what, TensorType type, string device)
    {
        if (Number(type) < 0) throw new KvCacheShapeException($"KV cache: {what} cannot be {KvCacheFormat.NameOf(type)} on {device}");
    }
}
