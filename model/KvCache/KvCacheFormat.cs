using System.Collections.Immutable;
using Cluster.Model.Formats;

namespace Cluster.Model.KvCache;

/// <summary>What a model's KV cache keeps of keys and values: one choice for all layers, from which each layer's own follows.</summary>
public sealed record KvCacheFormat
{
    /// <summary>Types that keys and values can be kept in, each with each.</summary>
    public static ImmutableArray<TensorType> Types { get; } =
    [
        TensorType.F32, TensorType.F16, TensorType.BF16, TensorType.Q8_0, TensorType.Q5_1, TensorType.Q5_0, TensorType.Q4_1, TensorType.Q4_0,
        TensorType.IQ4_NL,
    ];

    public TensorType KeyType { get; init; } = TensorType.Q8_0;

    public TensorType ValueType { get; init; } = TensorType.IQ4_NL;

    /// <summary>Whether heads are rotated (<see cref="HadamardSize"/>) before they are quantized; plain floats never are.</summary>
    public bool Rotation { get; init; } = true;

    /// <summary>So many layers at either end keep <see cref="TensorType.F16"/>, for models that lose too much there.</summary>
    public int EdgeLayers { get; init; }

    /// <summary>What layer <paramref name="layer"/> of <paramref name="layerCount"/> keeps.</summary>
    public KvLayerFormat Layer(int layer, int layerCount, int headDim)
    {
        if (layer < EdgeLayers || layer >= layerCount - EdgeLayers) return new KvLayerFormat(TensorType.F16, TensorType.F16);
        return new KvLayerFormat(KeyType, ValueType, RotationOf(KeyType, headDim), RotationOf(ValueType, headDim));
    }

    /// <summary>As users write it: <c>q8_0/iq4_nl</c>, with what is not the default behind it.</summary>
    public override string ToString() =>
        $"{NameOf(KeyType)}/{NameOf(ValueType)}{(Rotation ? "" : " not rotated")}{(EdgeLayers > 0 ? $" f16 in {EdgeLayers} edge layers" : "")}";

    /// <summary>As users write a type: <c>q8_0</c>.</summary>
    public static string NameOf(TensorType type) => type.ToString().ToLowerInvariant();

    private int RotationOf(TensorType type, int headDim) =>
        Rotation && TensorTraits.Get(type).IsQuantized ? HadamardSize.For(headDim) : 0;
}
