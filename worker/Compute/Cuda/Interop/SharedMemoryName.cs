namespace Cluster.Compute.Cuda.Interop;

/// <summary>CUipcMemHandle: by what other processes of the host open memory of a device.</summary>
internal unsafe struct SharedMemoryName
{
    private const int Size = 64;

    private fixed byte _bytes[Size];
}
