using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Logits;

/// <summary>LogitsRow in logits.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct DeviceLogitsRow(
    ulong Stream, float Temperature, int HasNoise, int Candidates, int FirstRequested, int Requested, int Reserved);
