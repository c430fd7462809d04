using System.Globalization;

namespace Cluster.Coordinator.Evaluation;

/// <summary>A report as a table in Markdown.</summary>
internal static class KvReportMarkdown
{
    public static void Write(KvReport report, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Model}, {report.Windows} windows of {report.Context} tokens, against f16/f16"));
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| keys / values | rotated | MiB at {report.Context} | of f16 | perplexity | change | mean KL divergence | top-1 | decode tok/s at {report.DecodeContext} |"));
        output.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var row in report.Rows)
        {
            var rotated = row.IsRotated switch { true => "yes", false => "no", null => "–" };
            var scores = row.Scores;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Types} | {rotated} | {row.Bytes / (1 << 20):0.000} | {row.Ratio:0.000} | {scores.Perplexity:0.000} ± {scores.PerplexityError:0.000} | "
                + $"{100 * scores.PerplexityChange:+0.00;-0.00;0.00} % | {scores.Divergence.Mean:0.000000} ± {scores.Divergence.StandardError:0.000000} | "
                + $"{100 * scores.Agreement.Mean:0.00} % | {row.TokensPerSecond:0.0} |"));
        }
    }
}
