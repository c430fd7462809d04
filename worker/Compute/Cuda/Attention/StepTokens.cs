using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>Where a step's tokens are, on the device: StepTokens in layer.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct StepTokens(ulong Positions, ulong Tables, ulong Blocks);
