using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Cluster.Coordinator.Security;

/// <summary>How many workers, and others, were refused, by reason.</summary>
internal sealed class JoinRefusals
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public void Count(string reason) => _counts.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    public long Of(string reason) => _counts.GetValueOrDefault(reason);

    public IEnumerable<Measurement<long>> Measure() =>
        _counts.Select(static entry => new Measurement<long>(entry.Value, new KeyValuePair<string, object?>("reason", entry.Key)));
}
