using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>Partials in attention_end.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AttentionPartials(ulong Sums, ulong Weights, ulong Arrived);
