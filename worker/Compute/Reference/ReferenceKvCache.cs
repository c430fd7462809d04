using Cluster.Compute.KvCache;
using Cluster.Model.Formats;

namespace Cluster.Compute.Reference;

/// <summary>A cache as plain arrays: each row is what its format keeps of it.</summary>
internal sealed class ReferenceKvCache(KvCacheShape shape)
{
    private readonly Dictionary<(int Layer, int Block, int Slot, int Head), (float[] Key, float[] Value)> _rows = [];

    public KvCacheShape Shape { get; } = shape;

    /// <summary>Keeps a token's key and value of one head, rounded to the cache's formats.</summary>
    public void Store(int layer, int block, int slot, int head, float[] key, float[] value) =>
        _rows[(layer, block, slot, head)] = (Round(Shape.Layers[layer].KeyType, key), Round(Shape.Layers[layer].ValueType, value));

    public float[] Key(int layer, int block, int slot, int head) => _rows[(layer, block, slot, head)].Key;

    public float[] Value(int layer, int block, int slot, int head) => _rows[(layer, block, slot, head)].Value;

    private static float[] Round(TensorType type, float[] row)
    {
        var trait = TensorTraits.Get(type);
        var bytes = new byte[trait.BytesFor(row.Length)];
        trait.Quantize(row, bytes);
        var rounded = new float[row.Length];
        trait.Dequantize(bytes, rounded);
        return rounded;
    }
}
