using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>A layer's rotation and appending that waits for the attention that will most likely follow, to be done by it.</summary>
internal readonly record struct PendingAppend(CudaBuffer Qkv, AttentionShape Shape, CudaKvCache Cache, int Layer, HeadRotations Rotations, AppendedRows Rows);
