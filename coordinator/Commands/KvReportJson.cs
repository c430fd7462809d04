using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Evaluation;

namespace Cluster.Coordinator.Commands;

/// <summary>A report for scripts: one object.</summary>
internal static class KvReportJson
{
    public static void Write(KvReport report, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", report.Model);
            json.WriteNumber("context", report.Context);
            json.WriteNumber("windows", report.Windows);
            json.WriteNumber("decode_context", report.DecodeContext);
            json.WriteStartArray("formats");
            foreach (var row in report.Rows)
            {
                json.WriteStartObject();
                CacheScoresJson.WriteFormat(json, row.Format);
                json.WriteNumber("bytes", Math.Round(row.Bytes));
                json.WriteNumber("ratio", row.Ratio);
                CacheScoresJson.WritePerplexity(json, row.Scores);
                CacheScoresJson.WriteComparison(json, row.Scores);
                json.WriteNumber("decode_tokens_per_second", Math.Round(row.TokensPerSecond, 2));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }
}
