using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>Where quantized activations are; both 0: not wanted. The struct of the same name in activations.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct QuantizedRows(ulong Codes, ulong Scales);
