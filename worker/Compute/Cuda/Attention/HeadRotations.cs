using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>How heads are rotated, by position and before they are quantized: Rotation in append_row.cuh.</summary>
/// <param name="Angles">Cosine and sine of each pair of each token; 0 where that is done already.</param>
/// <param name="Pairs">Of a token.</param>
/// <param name="IsInterleaved">1: neighbours are a pair.</param>
/// <param name="KeyRotation">Size of Hadamard transforms of queries and keys; 0 for none.</param>
/// <param name="ValueRotation">The same of values.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HeadRotations(ulong Angles, int Pairs, int IsInterleaved, int KeyRotation, int ValueRotation);
