using System.Runtime.InteropServices;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Cuda.Logits;

/// <summary>Candidate in logits.cu.</summary>
/// <param name="Key">As <see cref="CandidateKey"/> makes them; 0 for none.</param>
/// <param name="Logit">Its logit.</param>
/// <param name="Reserved">Nothing.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct DeviceCandidate(ulong Key, float Logit, int Reserved);
