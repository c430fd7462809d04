using System.Text.Json;

namespace Cluster.IntegrationTests.Running;

/// <summary>A text scored over real worker processes.</summary>
public sealed class PerplexityTests
{
    [Fact]
    public void Every_split_scores_alike()
    {
        var text = WriteText();
        try
        {
            string[][] splits = [["--local-workers", "1"], ["--tensor-parallel", "2"], ["--tensor-parallel", "1", "--pipeline", "2"]];
            var reports = splits.Select(split => Score(text, ["--threads", "1", "--baseline", "f32", .. split])).ToArray();

            foreach (var report in reports)
            {
                Assert.Equal(2 * 15, report.GetProperty("tokens").GetInt32());
                Assert.InRange(report.GetProperty("perplexity").GetDouble(), 1, 100);
                Assert.InRange(report.GetProperty("kl_divergence").GetDouble(), 1e-5, 0.1);
                Assert.InRange(report.GetProperty("top1_agreement").GetDouble(), 0.5, 1);
                var (own, first) = (report.GetProperty("baseline").GetProperty("perplexity").GetDouble(), reports[0].GetProperty("baseline").GetProperty("perplexity").GetDouble());
                Assert.Equal(first, own, first * 1e-3);
                Assert.Equal(reports[0].GetProperty("kl_divergence").GetDouble(), report.GetProperty("kl_divergence").GetDouble(), 2e-3);
            }
        }
        finally
        {
            File.Delete(text);
        }
    }

    [Fact]
    public void A_cache_that_loses_nothing_diverges_by_nothing()
    {
        var text = WriteText();
        try
        {
            var report = Score(text, ["--baseline", "f32", "--kv-type-k", "f32", "--kv-type-v", "f32"]);
            Assert.Equal(0, report.GetProperty("kl_divergence").GetDouble(), 1e-12);
            Assert.Equal(1, report.GetProperty("top1_agreement").GetDouble());
        }
        finally
        {
            File.Delete(text);
        }
    }

    [Fact]
    public void Too_short_a_text_is_one_line()
    {
        var text = WriteText();
        try
        {
            var result = ClusterProgram.Run("perplexity", RepositoryFiles.SampleModel, "--file", text, "--context", "2048");
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("a window of --context 2048", Assert.Single(result.Errors.Trim().Split('\n')), StringComparison.Ordinal);
            Assert.Empty(result.Output);
        }
        finally
        {
            File.Delete(text);
        }
    }

    private static JsonElement Score(string text, string[] options)
    {
        var result = ClusterProgram.Run(["perplexity", RepositoryFiles.SampleModel, "--file", text, "--context", "32", "--chunks", "2", "--json", .. options]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    private static string WriteText()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, string.Concat(Enumerable.Repeat("Once upon a time there was a little girl named Lily who loved to play in the park with her dog. ", 6)));
        return path;
    }
}
