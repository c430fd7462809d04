using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Telemetry;
using Cluster.Coordinator.Tests.Api;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Tests.Telemetry;

public sealed partial class MetricsTests
{
    private const string Greedy = """ "temperature":0,"ignore_eos":true""";

    [Fact]
    public async Task Requests_and_texts_are_counted()
    {
        await using var api = await ApiFixture.StartAsync();
        var prompt = string.Join(',', Enumerable.Range(300, 20));
        await api.PostAsync($$"""{"prompt":[{{prompt}}],"max_tokens":5,{{Greedy}}}""");
        using (var stream = await api.SendAsync($$"""{"prompt":[{{prompt}}],"max_tokens":1,"stream":true,{{Greedy}}}""")) await stream.Content.ReadAsStringAsync();
        await api.PostAsync($$"""{"messages":[{"role":"user","content":"Hi"}],"n":2,"max_tokens":4,{{Greedy}}}""", "/v1/chat/completions");
        await api.PostAsync("""{"input":[300,301,302]}""", "/v1/embeddings");
        await api.PostAsync("""{"prompt":5}""");
        await api.GetAsync("/v1/models/another");
        await api.GetAsync("/nowhere/at/all");
        await api.Engine.Engine.RunBetweenStepsAsync(_ => ValueTask.CompletedTask);

        var metrics = await ReadAsync(api);

        var requests = metrics["cluster_http_requests_total"];
        Assert.Equal(2, requests.Value(("method", "POST"), ("route", "/v1/completions"), ("status", "200")));
        Assert.Equal(1, requests.Value(("route", "/v1/completions"), ("status", "400")));
        Assert.Equal(1, requests.Value(("route", "/v1/models/{name}"), ("status", "404")));
        Assert.Equal(1, requests.Value(("method", "GET"), ("route", "other"), ("status", "404")));
        Assert.Equal(1, metrics["cluster_http_active_requests"].Value());

        Assert.Equal(1, metrics["cluster_http_refusals_total"].Value(("reason", "invalid_request_error")));

        // One of five tokens, one of one, two of four.
        Assert.Equal(14, metrics["cluster_generated_tokens_total"].Value());
        Assert.Equal(2, Count("gen_ai_server_request_duration_seconds", "text_completion"));
        Assert.Equal(1, Count("gen_ai_server_request_duration_seconds", "chat"));
        Assert.Equal(1, Count("gen_ai_server_request_duration_seconds", "embeddings"));
        Assert.Equal(2, Count("gen_ai_server_time_to_first_token_seconds", "chat"));
        Assert.Equal(1, Count("gen_ai_server_time_per_output_token_seconds", "text_completion"));
        Assert.Equal(16, metrics["cluster_prompt_tokens_total"].Value(("source", "cache")));
        Assert.Equal(metrics["cluster_prefix_cache_hit_tokens_total"].Value(), api.Engine.Engine.Cache.HitTokens);
        Assert.Equal(api.Engine.Blocks.BlockCount, metrics["cluster_kv_cache_blocks"].Samples.Sum(sample => sample.Value));
        Assert.Equal(api.Engine.Ranks.Steps, metrics["cluster_steps_total"].Samples.Sum(sample => sample.Value));
        Assert.Equal(["0", "1"], metrics["cluster_rank_time_seconds_total"].Samples.Select(sample => sample.Labels["rank"]).Distinct());

        double Count(string name, string operation) => metrics[name].Samples
            .Single(sample => sample.Name == $"{name}_count" && sample.Labels["gen_ai_operation_name"] == operation && sample.Labels["gen_ai_response_model"] == "fake").Value;
    }

    [Fact]
    public async Task Failed_request_is_told_apart()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Engine.Ranks.BeforeStep = _ => new(StepFailureKind.WorkerLost, 0, "gone");
        using (var stream = await api.SendAsync("""{"prompt":[300,301],"max_tokens":5,"stream":true}""")) await stream.Content.ReadAsStringAsync();

        var metrics = await ReadAsync(api);

        // The stream had begun with 200.
        Assert.Equal(1, metrics["cluster_http_requests_total"].Value(("route", "/v1/completions"), ("status", "503")));
        Assert.Equal("503", metrics["gen_ai_server_request_duration_seconds"].Samples[^1].Labels["error_type"]);
        Assert.DoesNotContain("gen_ai_server_time_to_first_token_seconds", metrics.Keys);
    }

    [Fact]
    public async Task Every_metric_is_documented_and_no_other()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.PostAsync($$"""{"prompt":[300,301],"max_tokens":5,{{Greedy}}}""");
        await api.Telemetry.Requests.ObserveAsync(new DefaultHttpContext(), context =>
        {
            RequestObservation.Of(context)!.Fail(new ApiError(429, "Full.", null, "queue_full"));
            return Task.CompletedTask;
        });
        api.View.JoinRefusals.Count("token");

        var document = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "metrics.md"));
        var listed = TableName().Matches(document).Select(match => match.Groups[1].Value).Order();

        Assert.Equal(listed, (await ReadAsync(api)).Keys.Order());
    }

    [Fact]
    public async Task Prometheus_own_tool_finds_nothing_to_complain_of()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.PostAsync($$"""{"prompt":[300,301],"max_tokens":5,{{Greedy}}}""");
        var start = new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        Process tool;
        try
        {
            tool = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Prometheus is not installed here; the parser above is as strict.
            return;
        }

        using (tool)
        {
            await tool.StandardInput.WriteAsync(api.Telemetry.Metrics.Collect());
            tool.StandardInput.Close();
            var complaints = await tool.StandardError.ReadToEndAsync() + await tool.StandardOutput.ReadToEndAsync();
            await tool.WaitForExitAsync();
            Assert.Equal((0, ""), (tool.ExitCode, complaints));
        }
    }

    [Fact]
    public void Names_become_Prometheus_own()
    {
        Assert.Equal("a_b_seconds_total", PrometheusName.Of("a.b", "s", isCounter: true));
        Assert.Equal("a_bytes", PrometheusName.Of("a.bytes", "By", isCounter: false));
        Assert.Equal("_a__b", PrometheusName.Word("1a-.b"));
    }

    private static async Task<Dictionary<string, MetricFamily>> ReadAsync(ApiFixture api)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(api.BaseAddress, "/metrics"));
        Assert.Equal((HttpStatusCode.OK, PrometheusText.ContentType), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        return PrometheusParser.Parse(await response.Content.ReadAsStringAsync());
    }

    [GeneratedRegex(@"^\| `([a-z0-9_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex TableName();
}
