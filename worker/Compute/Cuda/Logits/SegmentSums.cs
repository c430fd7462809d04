using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Logits;

/// <summary>SegmentSums in logits.cu: Σ exp((logit - Largest) / temperature), the same at temperature 1.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SegmentSums(double Sum, double SumPlain, float Largest, int Reserved);
