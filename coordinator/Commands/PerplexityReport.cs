using System.Globalization;
using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Evaluation;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Commands;

/// <summary>How well a text was predicted, for people and for scripts.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Windows">The text.</param>
/// <param name="Format">What was cached.</param>
/// <param name="Scores">With that.</param>
/// <param name="Baseline">What it was compared with; null when it was not.</param>
/// <param name="BaselineScores">With that.</param>
/// <param name="Time">What all of it took.</param>
internal sealed record PerplexityReport(
    string Model, TextWindows Windows, KvCacheFormat Format, CacheScores Scores, KvCacheFormat? Baseline, CacheScores BaselineScores, TimeSpan Time)
{
    public void WriteLines(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Perplexity {Scores.Perplexity:0.0000} ± {Scores.PerplexityError:0.0000} over {Scores.Nll.Count} tokens of {Windows.Windows.Length} windows of {Windows.Context}, KV cache {Format}"));
        if (Baseline is null) return;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Against {Baseline} ({BaselineScores.Perplexity:0.0000}): perplexity {100 * Scores.PerplexityChange:+0.000;-0.000;0.000} ± {100 * Scores.PerplexityChangeError:0.000} %, "
            + $"KL divergence {Scores.Divergence.Mean:0.000000} ± {Scores.Divergence.StandardError:0.000000}, "
            + $"top-1 agreement {100 * Scores.Agreement.Mean:0.00} ± {100 * Scores.Agreement.StandardError:0.00} %"));
    }

    public void WriteJson(TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", Model);
            json.WriteNumber("context", Windows.Context);
            json.WriteNumber("windows", Windows.Windows.Length);
            json.WriteNumber("tokens", Scores.Nll.Count);
            json.WriteNumber("seconds", Math.Round(Time.TotalSeconds, 3));
            WriteFormat(json, Format, Scores);
            if (Baseline is not null)
            {
                CacheScoresJson.WriteComparison(json, Scores);
                json.WriteStartObject("baseline");
                WriteFormat(json, Baseline, BaselineScores);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void WriteFormat(Utf8JsonWriter json, KvCacheFormat format, CacheScores scores)
    {
        CacheScoresJson.WriteFormat(json, format);
        CacheScoresJson.WritePerplexity(json, scores);
    }
}
