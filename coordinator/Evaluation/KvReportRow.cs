using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Evaluation;

/// <summary>What one cache format costs and gains.</summary>
/// <param name="Format">The format.</param>
/// <param name="Bytes">Bytes of one context, all ranks together, counted from their allocations.</param>
/// <param name="BaselineBytes">The same of the baseline.</param>
/// <param name="Scores">How well the text is predicted.</param>
/// <param name="TokensPerSecond">Of decoding at the end of a context.</param>
internal sealed record KvReportRow(KvCacheFormat Format, double Bytes, double BaselineBytes, CacheScores Scores, double TokensPerSecond)
{
    public double Ratio => Bytes / BaselineBytes;

    /// <summary>Keys and values: <c>q8_0/q4_0</c>.</summary>
    public string Types => $"{KvCacheFormat.NameOf(Format.KeyType)}/{KvCacheFormat.NameOf(Format.ValueType)}";

    /// <summary>Null where there is nothing to rotate.</summary>
    public bool? IsRotated => KvReportFormats.CanRotate(Format) ? Format.Rotation : null;
}
