using System.Diagnostics.Metrics;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Page;

namespace Cluster.Coordinator.Telemetry;

/// <summary>
/// All instruments of a server. Requests are counted as they go; the engine, the cluster and the process are asked only when somebody collects, so
/// that a step costs nothing more.
/// </summary>
internal sealed class ServerMeter : IDisposable
{
    private readonly Meter _meter;

    public ServerMeter(string scope, ServingState state, ClusterView view)
    {
        _meter = new Meter(scope);
        RequestDuration = Histogram(
            "gen_ai.server.request.duration", "Time from a request for texts to the end of its answer.",
            [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);
        TimeToFirstToken = Histogram(
            "gen_ai.server.time_to_first_token", "Time from a text's queueing to its first token.",
            [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
        TimePerOutputToken = Histogram(
            "gen_ai.server.time_per_output_token", "Mean time between the tokens of a text after the first.",
            [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]);
        Requests = _meter.CreateCounter<long>("cluster.http.requests", "{request}", "HTTP requests that ended, by route and status.");
        ActiveRequests = _meter.CreateUpDownCounter<long>("cluster.http.active_requests", "{request}", "HTTP requests under way.");
        Refusals = _meter.CreateCounter<long>("cluster.http.refusals", "{request}", "Requests that were answered with an error, by its code.");
        PromptTokens = _meter.CreateCounter<long>("cluster.prompt.tokens", "{token}", "Prompt tokens of texts that ended, computed or from the prefix cache.");
        GeneratedTokens = _meter.CreateCounter<long>("cluster.generated.tokens", "{token}", "Tokens generated and handed to clients.");
        EngineInstruments.AddTo(_meter, () => state.Engine?.Engine);
        ClusterInstruments.AddTo(_meter, state, view);
        ProcessInstruments.AddTo(_meter);
    }

    public Histogram<double> RequestDuration { get; }

    public Histogram<double> TimeToFirstToken { get; }

    public Histogram<double> TimePerOutputToken { get; }

    public Counter<long> Requests { get; }

    public UpDownCounter<long> ActiveRequests { get; }

    public Counter<long> Refusals { get; }

    public Counter<long> PromptTokens { get; }

    public Counter<long> GeneratedTokens { get; }

    public void Dispose() => _meter.Dispose();

    /// <summary>In seconds, with the buckets that OpenTelemetry's semantic conventions recommend.</summary>
    private Histogram<double> Histogram(string name, string description, double[] buckets) =>
        _meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
}
