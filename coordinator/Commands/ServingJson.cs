using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Benchmarking.Serving;

namespace Cluster.Coordinator.Commands;

/// <summary>What a server did under load, for scripts: one object. Times are in milliseconds.</summary>
internal static class ServingJson
{
    public static void Write(ServingReport report, TextWriter output) => output.WriteLine(Encoding.UTF8.GetString(JsonResponses.Build(json =>
    {
        json.WriteStartObject();
        json.WriteString("command", report.Command);
        json.WriteString("server", report.Server.ToString());
        json.WriteString("model", report.Model);
        json.WriteString("prompt_tokens", report.Options.PromptTokens.ToString());
        json.WriteString("output_tokens", report.Options.OutputTokens.ToString());
        json.WriteNumber("seed", report.Options.Seed);
        json.WriteStartArray("loads");
        foreach (var load in report.Loads) Write(json, load);
        json.WriteEndArray();
        json.WriteEndObject();
    }).Span));

    private static void Write(Utf8JsonWriter json, LoadResult load)
    {
        json.WriteStartObject();
        if (load.Load.Concurrency is { } concurrency) json.WriteNumber("concurrency", concurrency);
        if (load.Load.Rate is { } rate) json.WriteNumber("rate", rate);
        json.WriteNumber("seconds", Math.Round(load.Elapsed.TotalSeconds, 3));
        json.WriteNumber("requests", load.Requests.Count);
        json.WriteNumber("errors", load.Errors);
        json.WriteNumber("stalled", load.Stalled);
        json.WriteNumber("requests_per_second", Math.Round(load.RequestsPerSecond, 3));
        json.WriteNumber("input_tokens_per_second", Math.Round(load.InputTokensPerSecond, 2));
        json.WriteNumber("output_tokens_per_second", Math.Round(load.OutputTokensPerSecond, 2));
        Write(json, "time_to_first_token_ms", load.FirstToken);
        Write(json, "time_per_output_token_ms", load.PerOutputToken);
        Write(json, "inter_token_latency_ms", load.BetweenTokens);
        Write(json, "end_to_end_ms", load.Whole);
        json.WriteStartArray("problems");
        foreach (var (error, count) in load.Problems)
        {
            json.WriteStartObject();
            json.WriteString("error", error);
            json.WriteNumber("count", count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Percentiles times)
    {
        json.WriteStartObject(name);
        json.WriteNumber("p50", Math.Round(times.P50.TotalMilliseconds, 3));
        json.WriteNumber("p90", Math.Round(times.P90.TotalMilliseconds, 3));
        json.WriteNumber("p99", Math.Round(times.P99.TotalMilliseconds, 3));
        json.WriteEndObject();
    }
}
