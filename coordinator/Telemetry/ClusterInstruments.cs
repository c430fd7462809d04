using System.Diagnostics.Metrics;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Page;

namespace Cluster.Coordinator.Telemetry;

/// <summary>Who is in the cluster, and what became of plans.</summary>
internal static class ClusterInstruments
{
    public static void AddTo(Meter meter, ServingState state, ClusterView view)
    {
        meter.CreateObservableUpDownCounter("cluster.workers.present", () => view.Members.Members.Length, "{worker}", "Workers that are in the cluster.");
        meter.CreateObservableCounter("cluster.workers.departures", () => view.Events.Departures, "{worker}", "Workers that left the cluster, lost ones included.");
        meter.CreateObservableCounter("cluster.join.refusals", view.JoinRefusals.Measure, "{refusal}", "Workers, and others, that were not let into the cluster, by reason.");
        meter.CreateObservableGauge("cluster.plan.version", () => (long)(view.Session?.Plan.Version ?? 0), null, "Version of the plan that is served; 0 before the first.");
        meter.CreateObservableCounter<long>(
            "cluster.weights.bytes",
            () => [From("coordinator", view.WeightBytesSent), From("peer", view.WeightBytesFromPeers), From("cache", view.WeightBytesFromCaches)],
            "By", "Bytes of models that workers needed and have no file of, by where they came from.");
        meter.CreateObservableCounter("cluster.recoveries", () => state.Recoveries, "{recovery}", "Times that lost workers were made up for.");

        static Measurement<long> From(string source, long bytes) => new(bytes, KeyValuePair.Create<string, object?>("source", source));
    }
}
