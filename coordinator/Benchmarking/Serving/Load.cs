using System.Globalization;

namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>How requests come: so many at a time, each followed by the next when it ends, or by chance at a mean rate whatever becomes of them.</summary>
/// <param name="Concurrency">Requests at a time; null for an open loop.</param>
/// <param name="Rate">Requests a second (Poisson arrivals); null for a closed loop.</param>
internal readonly record struct Load(int? Concurrency, double? Rate)
{
    public override string ToString() => Concurrency is { } count
        ? string.Create(CultureInfo.InvariantCulture, $"{count} at a time")
        : string.Create(CultureInfo.InvariantCulture, $"{Rate} a second");
}
