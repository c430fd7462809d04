using System.Diagnostics.CodeAnalysis;

namespace Cluster.Model.Architecture;

/// <summary>
/// What sets one architecture apart from another, in one table. Everything that can be read off a file's tensors or metadata is
/// read there; this holds only what a file does not say.
/// </summary>
public sealed record ArchitectureTraits
{
    private static readonly ArchitectureTraits[] s_all =
    [
        new() { Name = "llama", RopeStyle = RopeStyle.Interleaved },
    ];

    private ArchitectureTraits()
    {
    }

    /// <summary>Name as <c>general.architecture</c> gives it; also the prefix of the model's metadata keys.</summary>
    public required string Name { get; init; }

    public required RopeStyle RopeStyle { get; init; }

    /// <summary>Biases of the query, key and value projections.</summary>
    public TensorPresence QkvBiases { get; init; } = TensorPresence.Optional;

    /// <summary>Biases of the attention output and of the feed-forward projections.</summary>
    public TensorPresence OtherBiases { get; init; } = TensorPresence.Optional;

    public static IReadOnlyList<ArchitectureTraits> All => s_all;

    /// <exception cref="ArgumentException">Not in the table.</exception>
    public static ArchitectureTraits Get(string name) =>
        TryGet(name, out ArchitectureTraits? traits) ? traits : throw new ArgumentException($"unknown architecture '{name}'", nameof(name));

    public static bool TryGet(string name, [NotNullWhen(true)] out ArchitectureTraits? traits)
    {
        traits = Array.Find(s_all, candidate => candidate.Name == name);
        return traits is not null;
    }
}
