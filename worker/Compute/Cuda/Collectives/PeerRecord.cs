using System.Runtime.InteropServices;
using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>What a rank tells the others of its region.</summary>
/// <param name="Process">Tells processes apart.</param>
/// <param name="Name">For other processes.</param>
/// <param name="Address">For this one.</param>
/// <param name="Blocks">Of its device's chains; 0: the rank has no region.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PeerRecord(Guid Process, SharedMemoryName Name, ulong Address, int Blocks);
