using Cluster.Compute.KvCache;
using Cluster.Model.Formats;

namespace Cluster.Compute.Reference;

/// <summary>A cache as plain arrays: each row decoded. What a row becomes when it is rounded is a device's own affair.</summary>
internal sealed class ReferenceKvCache(KvCacheShape shape)
{
    private readonly Dictionary<(int Layer, int Block, int Slot, int Head), (float[] Key, float[] Value)> _rows = [];

    public KvCacheShape Shape { get; } = shape;

    /// <summary>Keeps a token's key and value of one head, given in the layer's formats.</summary>
    public void Store(int layer, int block, int slot, int head, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        _rows[(layer, block, slot, head)] = (Decode(Shape.Layers[layer].KeyType, key), Decode(Shape.Layers[layer].ValueType, value));

    public float[] Key(int layer, int block, int slot, int head) => _rows[(layer, block, slot, head)].Key;

    public float[] Value(int layer, int block, int slot, int head) => _rows[(layer, block, slot, head)].Value;

    private float[] Decode(TensorType type, ReadOnlySpan<byte> bytes)
    {
        var row = new float[Shape.HeadDim];
        TensorTraits.Get(type).Dequantize(bytes, row);
        return row;
    }
}
