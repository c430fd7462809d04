using System.Collections.Concurrent;
using Cluster.Compute.Collectives;

namespace Cluster.Worker.Tests.Support;

/// <summary>Devices of this process that sum among themselves, as far as a test lets them.</summary>
/// <param name="device">What tells this device from others.</param>
/// <param name="library">What it sums by; null for none.</param>
/// <param name="join">What happens when it joins, before it waits for the other ranks; null for nothing.</param>
internal sealed class FakeCommunicators(string device, string? library = "fake 1", Action<CancellationToken>? join = null) : IDeviceCommunicators
{
    private static readonly ConcurrentDictionary<string, InProcessGroup> s_groups = new();

    /// <summary>The group that this device is in, or was.</summary>
    public FakeCollective? Joined { get; private set; }

    public string DeviceId => device;

    public string? FindLibrary(out string? problem)
    {
        problem = library is null ? "no library can be loaded" : null;
        return library;
    }

    public byte[] CreateId() => Guid.NewGuid().ToByteArray();

    public IDeviceCollective Join(byte[] id, int rank, int size, Func<string?> findLoss, CancellationToken cancellationToken)
    {
        join?.Invoke(cancellationToken);
        var group = s_groups.GetOrAdd(Convert.ToHexString(id), _ => new InProcessGroup(size));
        return Joined = new FakeCollective(group.Ranks[rank], library!, findLoss);
    }
}
