using System.Globalization;
using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Planning;

/// <summary>Members that are not there, to see what a plan would be.</summary>
internal static class ImaginedMembers
{
    /// <param name="count">How many, each on a machine of its own.</param>
    /// <param name="memoryBytes">What each offers; 0 for enough.</param>
    public static MembershipSnapshot Create(int count, ulong memoryBytes) => new(1,
    [
        .. Enumerable.Range(0, count).Select(i => new Member
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"worker-{i}"),
            Address = string.Create(CultureInfo.InvariantCulture, $"worker-{i}:7071"),
            Version = "",
            ProcessId = 0,
            Device = new MemberDevice("cpu", "", "", 0, memoryBytes),
            JoinedAt = default,
        }),
    ]);
}
