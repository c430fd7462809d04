using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>DeferredLayer in append.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct DeferredLayer(CacheLayer Layer, ulong Weights, ulong Rows);
