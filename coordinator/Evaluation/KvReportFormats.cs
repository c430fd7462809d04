using System.Collections.Immutable;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Evaluation;

/// <summary>The cache formats of a report.</summary>
internal static class KvReportFormats
{
    /// <summary>What all others are measured against.</summary>
    public static KvCacheFormat Baseline { get; } = new() { KeyType = TensorType.F16, ValueType = TensorType.F16, Rotation = false };

    /// <summary>Each pair rotated, not rotated or both; what is not quantized never is rotated. None comes twice.</summary>
    /// <param name="pairs">Types of keys and values.</param>
    /// <param name="rotations">What is wanted of quantized ones.</param>
    public static ImmutableArray<KvCacheFormat> Expand(IEnumerable<KvCacheFormat> pairs, IReadOnlyList<bool> rotations) =>
        [.. pairs.SelectMany(pair => (CanRotate(pair) ? rotations : [false]).Select(rotation => pair with { Rotation = rotation })).Distinct()];

    public static bool CanRotate(KvCacheFormat format) => IsQuantized(format.KeyType) || IsQuantized(format.ValueType);

    private static bool IsQuantized(TensorType type) => TensorTraits.Get(type).IsQuantized;
}
