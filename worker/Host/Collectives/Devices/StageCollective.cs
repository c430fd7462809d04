using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;

namespace Cluster.Worker.Collectives.Devices;

/// <summary>A stage's sums, over the links until its ranks have agreed on a group of their devices. They do so before the first step.</summary>
internal sealed class StageCollective(ICollective links) : ICollective, IDisposable
{
    private readonly Lock _lock = new();
    private volatile IDeviceCollective? _devices;
    private bool _disposed;

    public int Rank => links.Rank;

    public int Size => links.Size;

    public bool AddsExactly => Chosen.AddsExactly;

    public bool IsQueued => Chosen.IsQueued;

    private ICollective Chosen => _devices ?? links;

    public void AllReduce(DeviceBuffer buffer, int count) => Chosen.AllReduce(buffer, count);

    /// <summary>Sums by the group from now on, and owns it. A shard that has ended leaves it at once.</summary>
    public void Use(IDeviceCollective devices)
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _devices = devices;
                return;
            }
        }

        devices.Dispose();
    }

    public void Dispose()
    {
        lock (_lock) _disposed = true;
        _devices?.Dispose();
    }
}
