using System.Globalization;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Planning;

/// <summary>Members that are not there, to see what a plan would be.</summary>
internal static class ImaginedMembers
{
    /// <param name="count">How many, each on a machine of its own.</param>
    /// <param name="memoryBytes">What each offers; 0 for enough.</param>
    /// <param name="speed">What each measured; null for nothing.</param>
    public static MembershipSnapshot Create(int count, ulong memoryBytes, DeviceSpeed? speed = null) => new(1,
    [
        .. Enumerable.Range(0, count).Select(i => new Member
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"worker-{i}"),
            Address = string.Create(CultureInfo.InvariantCulture, $"worker-{i}:7071"),
            Version = "",
            ProcessId = 0,
            Device = new MemberDevice("cpu", "", "", 0, memoryBytes)
            {
                ReadBytesPerSecond = speed?.ReadBytesPerSecond ?? 0, MultiplyAddsPerSecond = speed?.MultiplyAddsPerSecond ?? 0,
            },
            JoinedAt = default,
        }),
    ]);
}
