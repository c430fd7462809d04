using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>The calls of the CUDA driver API that are used, under their names there. All return a CUresult, 0 for success.</summary>
internal static unsafe partial class CudaDriver
{
    public const int OutOfMemory = 2;

    /// <summary>CUDA_ERROR_NOT_READY: of a stream that has not ended what was queued.</summary>
    public const int NotReady = 600;

    /// <summary>CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED.</summary>
    public const int PeerAccessAlreadyEnabled = 704;

    /// <summary>CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS.</summary>
    public const uint LazyPeerAccess = 1;

    public const int ComputeCapabilityMajor = 75;
    public const int ComputeCapabilityMinor = 76;
    public const int MultiprocessorCount = 16;

    /// <summary>CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN.</summary>
    public const int SharedMemoryOfBlock = 97;

    /// <summary>CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES.</summary>
    public const int MostDynamicShared = 8;

    /// <summary>CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, in percent.</summary>
    public const int SharedShare = 9;

    /// <summary>CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: what a kernel takes by itself.</summary>
    public const int StaticShared = 1;

    /// <summary>CU_CTX_SCHED_SPIN: waiting for a step spins, as waking a thread would cost more than the wait.</summary>
    public const uint ScheduleSpin = 1;

    /// <summary>CU_STREAM_NON_BLOCKING.</summary>
    public const uint NonBlocking = 1;

    /// <summary>CU_EVENT_DEFAULT: an event that notes its time.</summary>
    public const uint TimedEvent = 0;

    /// <exception cref="CudaException">The call failed.</exception>
    public static void Check(int result, string call)
    {
        if (result != 0) throw new CudaException($"CUDA: {call}: {Describe(result)}");
    }

    public static string Describe(int result)
    {
        byte* text;
        return cuGetErrorName(result, &text) == 0 ? Marshal.PtrToStringUTF8((nint)text)! : $"error {result}";
    }

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuInit(uint flags);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuGetErrorName(int error, byte** text);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuDeviceGetCount(out int count);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuDeviceGet(out int device, int ordinal);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuDeviceGetName(byte* name, int length, int device);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuDeviceGetAttribute(out int value, int attribute, int device);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuDeviceGetUuid_v2(byte* uuid, int device);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuDevicePrimaryCtxSetFlags_v2(int device, uint flags);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuDevicePrimaryCtxRetain(out nint context, int device);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuCtxSetCurrent(nint context);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuCtxEnablePeerAccess(nint context, uint flags);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuIpcGetMemHandle(out SharedMemoryName name, ulong address);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuIpcOpenMemHandle_v2(out ulong address, SharedMemoryName name, uint flags);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuIpcCloseMemHandle(ulong address);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemGetInfo_v2(out nuint free, out nuint total);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemAlloc_v2(out ulong address, nuint bytes);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemFree_v2(ulong address);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemHostAlloc(out nint pointer, nuint bytes, uint flags);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemFreeHost(nint pointer);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemsetD8Async(ulong address, byte value, nuint bytes, nint stream);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemcpyHtoDAsync_v2(ulong target, void* source, nuint bytes, nint stream);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemcpyDtoHAsync_v2(void* target, ulong source, nuint bytes, nint stream);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuMemcpyDtoDAsync_v2(ulong target, ulong source, nuint bytes, nint stream);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuStreamCreate(out nint stream, uint flags);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuStreamDestroy_v2(nint stream);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuStreamQuery(nint stream);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuStreamSynchronize(nint stream);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuEventCreate(out nint point, uint flags);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuEventDestroy_v2(nint point);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuEventRecord(nint point, nint stream);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuEventElapsedTime(out float milliseconds, nint start, nint end);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuModuleLoadData(out nint module, void* image);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuModuleUnload(nint module);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuModuleGetFunction(out nint function, CudaModuleHandle module, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuFuncGetAttribute(out int value, int attribute, nint function);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuFuncSetAttribute(nint function, int attribute, int value);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, nint function, int threads, nuint sharedBytes);

    [LibraryImport(CudaLibraries.Driver)]
    public static partial int cuLaunchKernelEx(LaunchConfiguration* configuration, nint function, void** parameters, void** extra);
}
