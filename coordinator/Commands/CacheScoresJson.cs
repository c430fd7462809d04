using System.Text.Json;
using Cluster.Coordinator.Evaluation;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Commands;

/// <summary>A cache format and its scores as members of a JSON object.</summary>
internal static class CacheScoresJson
{
    public static void WriteFormat(Utf8JsonWriter json, KvCacheFormat format)
    {
        json.WriteString("kv_type_k", KvCacheFormat.NameOf(format.KeyType));
        json.WriteString("kv_type_v", KvCacheFormat.NameOf(format.ValueType));
        json.WriteBoolean("kv_rotation", format.Rotation);
        json.WriteNumber("kv_edge_layers", format.EdgeLayers);
    }

    public static void WritePerplexity(Utf8JsonWriter json, CacheScores scores)
    {
        WriteNumber(json, "perplexity", scores.Perplexity);
        WriteNumber(json, "perplexity_error", scores.PerplexityError);
    }

    /// <summary>Against the baseline.</summary>
    public static void WriteComparison(Utf8JsonWriter json, CacheScores scores)
    {
        WriteNumber(json, "perplexity_change", scores.PerplexityChange);
        WriteNumber(json, "perplexity_change_error", scores.PerplexityChangeError);
        WriteNumber(json, "kl_divergence", scores.Divergence.Mean);
        WriteNumber(json, "kl_divergence_error", scores.Divergence.StandardError);
        WriteNumber(json, "top1_agreement", scores.Agreement.Mean);
        WriteNumber(json, "top1_agreement_error", scores.Agreement.StandardError);
    }

    /// <summary>JSON has no word for what is no finite number.</summary>
    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
