using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>Workers on machines of their own that measured what they do.</summary>
internal static class TestMembers
{
    /// <param name="name">Of the worker and its machine.</param>
    /// <param name="gigabytesPerSecond">It multiplies ten times as many numbers.</param>
    /// <param name="memory">In bytes.</param>
    public static Member Create(string name, double gigabytesPerSecond, ulong memory = 1UL << 36) => new()
    {
        Name = name,
        Address = $"{name}:7071",
        Version = "",
        ProcessId = 1,
        JoinedAt = default,
        Device = new MemberDevice("cpu", "", "", 1, memory) { ReadBytesPerSecond = gigabytesPerSecond * 1e9, MultiplyAddsPerSecond = gigabytesPerSecond * 1e10 },
    };
}
