using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Cluster.Worker.Tests.Allocations;

/// <summary>Samples which types the process allocates: one object in every 100 KB or so, as the runtime's allocation ticks do.</summary>
internal sealed class AllocationSampler : EventListener
{
    private const EventKeywords GarbageCollection = (EventKeywords)1;

    private readonly ConcurrentDictionary<string, int> _samples = new();

    public IReadOnlyDictionary<string, int> Samples => _samples;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Verbose, GarbageCollection);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) != true) return;
        var index = eventData.PayloadNames!.IndexOf("TypeName");
        _samples.AddOrUpdate((string)eventData.Payload![index]!, 1, (_, count) => count + 1);
    }
}
