using System.Runtime.InteropServices;
using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda;

/// <summary>What a CUDA device is.</summary>
/// <param name="Device">The driver's handle.</param>
/// <param name="Ordinal">Its number among the devices.</param>
/// <param name="Name">The product's name.</param>
/// <param name="Architecture">Compute capability, as 90 for 9.0.</param>
/// <param name="Multiprocessors">How many it has.</param>
/// <param name="SharedBytes">Shared memory that a block can have, if it asks for it.</param>
internal sealed record CudaDeviceInfo(int Device, int Ordinal, string Name, int Architecture, int Multiprocessors, int SharedBytes)
{
    /// <summary>Whether tensor cores multiply tiles of 16 × 16 halves.</summary>
    public bool HasHalfTiles => Architecture >= 80;

    /// <summary>Whether kernels may overlap, and the memory system copies to shared memory by itself: from compute capability 9.0.</summary>
    public bool IsHopper => Architecture >= 90;

    public static unsafe CudaDeviceInfo Of(int ordinal)
    {
        CudaDriver.Check(CudaDriver.cuDeviceGet(out var device, ordinal), "cuDeviceGet");
        const int Length = 128;
        var name = stackalloc byte[Length];
        CudaDriver.Check(CudaDriver.cuDeviceGetName(name, Length, device), "cuDeviceGetName");
        return new CudaDeviceInfo(
            device, ordinal, Marshal.PtrToStringUTF8((nint)name)!,
            10 * Attribute(CudaDriver.ComputeCapabilityMajor) + Attribute(CudaDriver.ComputeCapabilityMinor),
            Attribute(CudaDriver.MultiprocessorCount), Attribute(CudaDriver.SharedMemoryOfBlock));

        int Attribute(int attribute)
        {
            CudaDriver.Check(CudaDriver.cuDeviceGetAttribute(out var value, attribute, device), "cuDeviceGetAttribute");
            return value;
        }
    }
}
