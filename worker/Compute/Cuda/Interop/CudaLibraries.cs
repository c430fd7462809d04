using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>Finds NVIDIA's libraries under the names that their versions have, when one is first called.</summary>
internal static class CudaLibraries
{
    public const string Driver = "cuda";
    public const string Compiler = "nvrtc";
    public const string Blas = "cublas";
    public const string Collectives = "nccl";

    private static readonly Dictionary<string, string[]> s_names = new()
    {
        [Driver] = ["libcuda.so.1", "nvcuda.dll"],
        [Compiler] =
        [
            "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so",
            "nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll",
        ],
        [Blas] = ["libcublas.so.13", "libcublas.so.12", "libcublas.so.11", "libcublas.so", "cublas64_13.dll", "cublas64_12.dll", "cublas64_11.dll"],
        [Collectives] = ["libnccl.so.2", "libnccl.so"],
    };

    /// <summary>Whether a library is here; else the names that were tried are in <paramref name="problem"/>.</summary>
    public static bool IsAvailable(string library, out string? problem)
    {
        problem = Resolve(library) != 0 ? null : $"none of {string.Join(", ", Array.FindAll(s_names[library], IsForThisSystem))} can be loaded";
        return problem is null;
    }

#pragma warning disable CA2255 // The resolver must stand before the first call, whoever makes it.
    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(CudaLibraries).Assembly, Resolve);
#pragma warning restore CA2255

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path) => Resolve(library);

    private static nint Resolve(string library)
    {
        if (!s_names.TryGetValue(library, out var names)) return 0;
        foreach (var name in names)
        {
            if (IsForThisSystem(name) && NativeLibrary.TryLoad(name, out var handle)) return handle;
        }

        return 0;
    }

    private static bool IsForThisSystem(string name) => name.EndsWith(".dll", StringComparison.Ordinal) == OperatingSystem.IsWindows();
}
