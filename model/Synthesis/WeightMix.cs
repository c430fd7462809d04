using System.Diagnostics.CodeAnalysis;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;

namespace Cluster.Model.Synthesis;

/// <summary>Which format each matrix of a synthetic model has: one for all of them, or a mix as quantizers make it.</summary>
public sealed class WeightMix
{
    private readonly TensorType _most;
    private readonly TensorType _sensitive;

    private WeightMix(string name, TensorType most, TensorType sensitive)
    {
        Name = name;
        _most = most;
        _sensitive = sensitive;
    }

    /// <summary>
    /// The mix that people download as <c>Q4_K_M</c>: Q4_K, with Q6_K for the head and, in half of the layers, for the values' projection and
    /// the feed-forward layer's down projection.
    /// </summary>
    public static WeightMix Q4_K_M { get; } = new("q4_k_m", TensorType.Q4_K, TensorType.Q6_K);

    /// <summary>As users write it: <c>q8_0</c>, <c>q4_k_m</c>.</summary>
    public string Name { get; }

    /// <summary>Every format that a model may get.</summary>
    public IEnumerable<TensorType> Types => new[] { _most, _sensitive }.Distinct();

    /// <summary>All names for messages.</summary>
    public static string SupportedNames { get; } = $"{TensorTraits.SupportedNames.ToLowerInvariant()}, {Q4_K_M.Name}";

    /// <summary>One format for all matrices.</summary>
    public static WeightMix Of(TensorType type) => new(type.ToString().ToLowerInvariant(), type, type);

    /// <summary>Reads a name in any case.</summary>
    public static bool TryParse(string? name, [NotNullWhen(true)] out WeightMix? mix)
    {
        mix = Q4_K_M.Name.Equals(name, StringComparison.OrdinalIgnoreCase) ? Q4_K_M : TensorTraits.TryParse(name, out TensorType type) ? Of(type) : null;
        return mix is not null;
    }

    /// <summary>The format of one matrix.</summary>
    public TensorType TypeOf(TensorSpec matrix, ModelConfig config) => IsSensitive(matrix, config) ? _sensitive : _most;

    private static bool IsSensitive(TensorSpec matrix, ModelConfig config) => matrix.Role switch
    {
        TensorRole.Output => true,
        TensorRole.TokenEmbedding => config.TiedEmbeddings,
        TensorRole.AttentionValue or TensorRole.FeedForwardDown => GetsMoreBits(matrix.Layer!.Value, config.LayerCount),
        _ => false,
    };

    // The first and the last eighth of the layers, and every third between them.
    private static bool GetsMoreBits(int layer, int layers) =>
        layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}
