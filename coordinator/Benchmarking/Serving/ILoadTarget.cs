using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>Who is asked.</summary>
internal interface ILoadTarget
{
    /// <exception cref="ServerException">The request failed.</exception>
    IAsyncEnumerable<StreamPart> StreamAsync(PlannedRequest request, CancellationToken cancellationToken);
}
