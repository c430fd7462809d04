namespace Cluster.Coordinator.Membership;

/// <summary>The compute device that a worker offers.</summary>
/// <param name="Id">As its provider names it: "cpu", "cuda:0".</param>
/// <param name="Name">As people know it.</param>
/// <param name="Kernels">The instruction set or language that its kernels use.</param>
/// <param name="Threads">Threads that compute; 0 where the notion does not apply.</param>
/// <param name="MemoryBytes">What was free when the worker joined, for weights, KV cache and all else; 0 when it did not say.</param>
internal sealed record MemberDevice(string Id, string Name, string Kernels, int Threads, ulong MemoryBytes)
{
    /// <summary>What it read of its memory when it measured itself; 0 when it did not.</summary>
    public double ReadBytesPerSecond { get; init; }

    /// <summary>Products that it added up; 0 when it did not measure.</summary>
    public double MultiplyAddsPerSecond { get; init; }
}
