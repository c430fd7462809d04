using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;

namespace Cluster.Worker.Tests.Support;

/// <summary>A rank of a group of <see cref="FakeCommunicators"/>.</summary>
internal sealed class FakeCollective(ICollective ranks, string library, Func<string?> findLoss) : IDeviceCollective
{
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Rank => ranks.Rank;

    public int Size => ranks.Size;

    public bool AddsExactly => true;

    public string Library => library;

    /// <summary>Ends when the group is left.</summary>
    public Task Left => _left.Task;

    /// <summary>What a waiting device would be told.</summary>
    public string? FindLoss() => findLoss();

    public void AllReduce(DeviceBuffer buffer, int count) => ranks.AllReduce(buffer, count);

    public void Dispose() => _left.TrySetResult();
}
