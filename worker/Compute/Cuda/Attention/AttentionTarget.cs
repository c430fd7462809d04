using System.Runtime.InteropServices;
using Cluster.Compute.Cuda.Matrices;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>AttentionOutput in attention_end.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AttentionTarget(ulong Rows, int Width, int Offset, int ValueRotation, QuantizedRows Quantized);
