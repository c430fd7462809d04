using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>The calls of NCCL that are used, under their names there. All return an ncclResult_t, 0 for success.</summary>
/// <remarks>
/// Communicators are blocking ones: of the others, NCCL starts a thread for each sum. So a rank that waits for the rest to join waits inside the call.
/// </remarks>
internal static unsafe partial class Nccl
{
    /// <summary>ncclInProgress.</summary>
    public const int InProgress = 7;

    /// <summary>ncclUint8.</summary>
    public const int Bytes = 1;

    /// <summary>ncclFloat32.</summary>
    public const int Float32 = 7;

    /// <summary>ncclSum.</summary>
    public const int Sum = 0;

    /// <summary>NCCL_VERSION_CODE of the oldest that is used, 2.14: all before it wrote versions and counted results in other ways.</summary>
    public const int OldestVersion = 21_400;

    public static void Check(int result, string call)
    {
        if (result != 0) throw new CudaException($"NCCL: {call}: {Describe(result)}");
    }

    public static string Describe(int result) => Marshal.PtrToStringUTF8((nint)ncclGetErrorString(result)) ?? $"error {result}";

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial int ncclGetVersion(out int version);

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial byte* ncclGetErrorString(int result);

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial int ncclGetUniqueId(out NcclUniqueId id);

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial int ncclCommInitRank(out nint communicator, int size, NcclUniqueId id, int rank);

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial int ncclCommCuDevice(NcclCommunicatorHandle communicator, out int device);

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial int ncclCommGetAsyncError(NcclCommunicatorHandle communicator, out int result);

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial int ncclCommAbort(nint communicator);

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial int ncclAllReduce(
        ulong source, ulong target, nuint count, int type, int operation, NcclCommunicatorHandle communicator, nint stream);

    [LibraryImport(CudaLibraries.Collectives)]
    public static partial int ncclAllGather(ulong source, ulong target, nuint count, int type, NcclCommunicatorHandle communicator, nint stream);
}
