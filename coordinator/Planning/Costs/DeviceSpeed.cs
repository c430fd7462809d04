using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Planning.Costs;

/// <summary>What a worker's device does at most, as it measured itself.</summary>
internal readonly record struct DeviceSpeed(double ReadBytesPerSecond, double MultiplyAddsPerSecond)
{
    /// <summary>A small machine, for where nobody measured.</summary>
    public static DeviceSpeed Unknown { get; } = new(20e9, 150e9);

    /// <summary>Whether a worker said how fast it is.</summary>
    public static bool IsKnown(Member member) => member.Device is { ReadBytesPerSecond: > 0, MultiplyAddsPerSecond: > 0 };

    public static DeviceSpeed Of(Member member) =>
        IsKnown(member) ? new(member.Device.ReadBytesPerSecond, member.Device.MultiplyAddsPerSecond) : Unknown;
}
