namespace Cluster.Compute.Devices;

/// <summary>What a device is, for people and for the planner.</summary>
/// <param name="Id">How a user names it: <c>cpu</c>, <c>cuda:0</c>, <c>opencl:1</c>.</param>
/// <param name="Name">The product's name.</param>
/// <param name="Kernels">The instruction set or architecture that kernels were picked for: <c>avx2</c>, <c>avx512</c>, <c>sm_90</c>.</param>
/// <param name="Threads">Compute threads that this process uses, 1 for a device with its own scheduler.</param>
/// <param name="MemoryBytes">Memory that shards could take when it was described.</param>
public sealed record DeviceDescription(string Id, string Name, string Kernels, int Threads, long MemoryBytes);
