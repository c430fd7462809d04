using System.Diagnostics.Metrics;

namespace Cluster.Coordinator.Telemetry;

/// <summary>What the coordinator's process takes; workers have their own.</summary>
internal static class ProcessInstruments
{
    public static void AddTo(Meter meter)
    {
        meter.CreateObservableUpDownCounter("process.resident_memory", static () => Environment.WorkingSet, "By", "Memory that the coordinator's process takes.");
        meter.CreateObservableCounter("process.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time of the coordinator's process.");
        meter.CreateObservableUpDownCounter("dotnet.gc.heap", static () => GC.GetTotalMemory(false), "By", "Memory of objects, garbage included.");
        meter.CreateObservableCounter("dotnet.gc.allocated", static () => GC.GetTotalAllocatedBytes(), "By", "Memory that objects were given.");
        meter.CreateObservableCounter("dotnet.gc.collections", Collections, "{collection}", "Collections of garbage, by generation.");
        meter.CreateObservableCounter("dotnet.gc.pause", static () => GC.GetTotalPauseDuration().TotalSeconds, "s", "Time that all threads stood still for them.");
        meter.CreateObservableUpDownCounter("dotnet.thread_pool.threads", static () => ThreadPool.ThreadCount, "{thread}", "Threads of the pool.");
        meter.CreateObservableUpDownCounter(
            "dotnet.thread_pool.queue", static () => ThreadPool.PendingWorkItemCount, "{work_item}", "Work that waits for a thread of the pool.");
    }

    private static IEnumerable<Measurement<long>> Collections()
    {
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            // A collection of a generation is one of all below it too.
            var older = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
            yield return new(GC.CollectionCount(generation) - older, new KeyValuePair<string, object?>("generation", generation));
        }
    }
}
