using System.Diagnostics.CodeAnalysis;

namespace Cluster.Model.Formats;

/// <summary>The one table of tensor types that the program can compute with.</summary>
public static class TensorTraits
{
    private static readonly TensorTrait[] s_all =
    [
        new(TensorType.F32, new F32Codec()),
        new(TensorType.F16, new F16Codec()),
        new(TensorType.BF16, new BF16Codec()),
        new(TensorType.Q8_0, new Q8_0Codec()),
        new(TensorType.Q5_1, new Q5_1Codec()),
        new(TensorType.Q5_0, new Q5_0Codec()),
        new(TensorType.Q4_1, new Q4_1Codec()),
        new(TensorType.Q4_0, new Q4_0Codec()),
        new(TensorType.IQ4_NL, new IQ4_NLCodec()),
        new(TensorType.Q6_K, new Q6_KCodec()),
        new(TensorType.Q5_K, new Q5_KCodec()),
        new(TensorType.Q4_K, new Q4_KCodec()),
    ];

    // Indexed by type id: a look-up is on the path of every tensor and row.
    private static readonly TensorTrait?[] s_byType = IndexByType();

    /// <summary>Every supported type, plain floats first.</summary>
    public static IReadOnlyList<TensorTrait> All => s_all;

    /// <summary>All supported names for messages: "F32, F16, …".</summary>
    public static string SupportedNames { get; } = string.Join(", ", s_all.Select(trait => trait.Name));

    /// <exception cref="UnsupportedTensorTypeException">No codec for this type.</exception>
    public static TensorTrait Get(TensorType type) =>
        TryGet(type, out TensorTrait? trait) ? trait : throw new UnsupportedTensorTypeException(type);

    public static bool TryGet(TensorType type, [NotNullWhen(true)] out TensorTrait? trait)
    {
        trait = (uint)type < (uint)s_byType.Length ? s_byType[(uint)type] : null;
        return trait is not null;
    }

    /// <summary>Finds a supported type by its GGUF name in any case: "q8_0", "Q4_K", "f16".</summary>
    public static bool TryParse(string? name, out TensorType type)
    {
        TensorTrait? trait = Array.Find(s_all, candidate => candidate.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        type = trait?.Type ?? default;
        return trait is not null;
    }

    private static TensorTrait?[] IndexByType()
    {
        var index = new TensorTrait?[s_all.Max(trait => (int)trait.Type) + 1];
        foreach (TensorTrait trait in s_all)
            index[(int)trait.Type] = trait;
        return index;
    }
}
