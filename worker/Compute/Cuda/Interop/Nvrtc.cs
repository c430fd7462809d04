using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>The calls of NVIDIA's run-time compiler that are used, under their names there. All return an nvrtcResult, 0 for success.</summary>
internal static unsafe partial class Nvrtc
{
    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcVersion(out int major, out int minor);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcGetNumSupportedArchs(out int count);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcGetSupportedArchs(int* architectures);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcCreateProgram(out nint program, byte* source, byte* name, int headerCount, byte** headers, byte** headerNames);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcDestroyProgram(ref nint program);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcCompileProgram(NvrtcProgramHandle program, int optionCount, byte** options);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcGetProgramLogSize(NvrtcProgramHandle program, out nuint bytes);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcGetProgramLog(NvrtcProgramHandle program, byte* log);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcGetCUBINSize(NvrtcProgramHandle program, out nuint bytes);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcGetCUBIN(NvrtcProgramHandle program, byte* image);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcGetPTXSize(NvrtcProgramHandle program, out nuint bytes);

    [LibraryImport(CudaLibraries.Compiler)]
    public static partial int nvrtcGetPTX(NvrtcProgramHandle program, byte* image);
}
