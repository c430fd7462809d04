using System.Runtime.InteropServices;

namespace Cluster.Compute.OpenCl.Interop;

/// <summary>The calls of OpenCL 1.2 that are used, under their names there. Results are error codes, 0 for success.</summary>
internal static unsafe partial class OpenClApi
{
    public const int DeviceNotFound = -1;
    public const int AllocationFailure = -4;
    public const int OutOfResources = -5;
    public const int OutOfHostMemory = -6;
    public const int PlatformNotFound = -1001;

    public const uint CommandStart = 0x1282;
    public const uint CommandEnd = 0x1283;

    /// <summary>CL_QUEUE_PROFILING_ENABLE.</summary>
    public const ulong TimedQueue = 1 << 1;

    public const ulong Processors = 1 << 1;
    public const ulong AllDevices = 0xffffffff;
    public const ulong ReadWrite = 1;

    public const uint DeviceType = 0x1000;
    public const uint DeviceMaxComputeUnits = 0x1002;
    public const uint DeviceMaxWorkGroupSize = 0x1004;
    public const uint DeviceMaxMemoryAllocation = 0x1010;
    public const uint DeviceSingleFloatConfig = 0x101b;
    public const uint DeviceGlobalMemorySize = 0x101f;
    public const uint DeviceName = 0x102b;
    public const uint DriverVersion = 0x102d;
    public const uint DeviceVersion = 0x102f;
    public const uint DeviceHostUnifiedMemory = 0x1035;
    public const uint ProgramBinarySizes = 0x1165;
    public const uint ProgramBinaries = 0x1166;
    public const uint ProgramBuildLog = 0x1183;

    /// <summary>CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT.</summary>
    public const ulong CorrectlyRoundedDivideAndRoot = 1 << 7;

    /// <exception cref="OpenClException">The call failed.</exception>
    public static void Check(int result, string call)
    {
        if (result != 0) throw new OpenClException($"OpenCL: {call}: {Describe(result)}");
    }

    public static string Describe(int result) => result switch
    {
        AllocationFailure => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        OutOfResources => "CL_OUT_OF_RESOURCES",
        OutOfHostMemory => "CL_OUT_OF_HOST_MEMORY",
        -11 => "CL_BUILD_PROGRAM_FAILURE",
        -30 => "CL_INVALID_VALUE",
        -38 => "CL_INVALID_MEM_OBJECT",
        -42 => "CL_INVALID_BINARY",
        -46 => "CL_INVALID_KERNEL_NAME",
        -49 => "CL_INVALID_ARG_INDEX",
        -51 => "CL_INVALID_ARG_SIZE",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        -61 => "CL_INVALID_BUFFER_SIZE",
        _ => $"error {result}",
    };

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clGetPlatformIDs(uint entries, nint* platforms, uint* count);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clGetDeviceIDs(nint platform, ulong type, uint entries, nint* devices, uint* count);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clGetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* actual);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial nint clCreateContext(nint* properties, uint count, nint* devices, void* notify, void* data, out int error);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clReleaseContext(nint context);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial nint clCreateCommandQueue(nint context, nint device, ulong properties, out int error);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clReleaseCommandQueue(nint queue);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial nint clCreateBuffer(nint context, ulong flags, nuint bytes, void* host, out int error);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clReleaseMemObject(nint memory);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial nint clCreateProgramWithSource(nint context, uint count, byte** texts, nuint* lengths, out int error);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial nint clCreateProgramWithBinary(
        nint context, uint count, nint* devices, nuint* lengths, byte** binaries, int* status, out int error);

    [LibraryImport(OpenClLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int clBuildProgram(nint program, uint count, nint* devices, string options, void* notify, void* data);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clGetProgramInfo(nint program, uint name, nuint size, void* value, nuint* actual);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clGetProgramBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* actual);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clReleaseProgram(nint program);

    [LibraryImport(OpenClLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint clCreateKernel(nint program, string name, out int error);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clReleaseKernel(nint kernel);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clSetKernelArg(nint kernel, uint index, nuint size, void* value);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clEnqueueNDRangeKernel(
        nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waits, nint* events, nint* done);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clEnqueueReadBuffer(
        nint queue, nint memory, uint blocking, nuint offset, nuint bytes, void* target, uint waits, nint* events, nint* done);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clEnqueueWriteBuffer(
        nint queue, nint memory, uint blocking, nuint offset, nuint bytes, void* source, uint waits, nint* events, nint* done);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clEnqueueCopyBuffer(
        nint queue, nint source, nint target, nuint sourceOffset, nuint targetOffset, nuint bytes, uint waits, nint* events, nint* done);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clEnqueueFillBuffer(
        nint queue, nint memory, void* pattern, nuint patternBytes, nuint offset, nuint bytes, uint waits, nint* events, nint* done);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clGetEventProfilingInfo(nint done, uint name, nuint size, void* value, nuint* actual);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clReleaseEvent(nint done);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clFlush(nint queue);

    [LibraryImport(OpenClLibrary.Name)]
    public static partial int clFinish(nint queue);
}
