using System.Runtime.CompilerServices;
using Cluster.Coordinator.Benchmarking.Serving;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Tests.Benchmarking.Serving;

/// <summary>A server that answers as a script says.</summary>
internal sealed class FakeTarget(Func<PlannedRequest, CancellationToken, IAsyncEnumerable<StreamPart>> answer) : ILoadTarget
{
    private int _active;

    public List<PlannedRequest> Requests { get; } = [];

    public int MostActive { get; private set; }

    public async IAsyncEnumerable<StreamPart> StreamAsync(PlannedRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        lock (Requests)
        {
            Requests.Add(request);
            MostActive = Math.Max(MostActive, ++_active);
        }

        await foreach (var part in answer(request, cancellationToken)) yield return part;
        lock (Requests) _active--;
    }
}
