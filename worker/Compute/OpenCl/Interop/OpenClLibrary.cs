using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Cluster.Compute.OpenCl.Interop;

/// <summary>Finds the loader of OpenCL drivers under the name that it has on this system, when it is first called.</summary>
internal static class OpenClLibrary
{
    public const string Name = "OpenCL";

    private static string FileName => OperatingSystem.IsWindows() ? "OpenCL.dll" : "libOpenCL.so.1";

    /// <summary>Whether it is here; else why not.</summary>
    public static bool IsAvailable(out string? problem)
    {
        problem = NativeLibrary.TryLoad(FileName, out _) ? null : $"{FileName} cannot be loaded";
        return problem is null;
    }

#pragma warning disable CA2255 // It must stand before the first call, whoever makes it.
    [ModuleInitializer]
    internal static void Register() =>
        AssemblyLoadContext.GetLoadContext(typeof(OpenClLibrary).Assembly)!.ResolvingUnmanagedDll += Resolve;
#pragma warning restore CA2255

    private static nint Resolve(Assembly assembly, string library) =>
        library == Name && NativeLibrary.TryLoad(FileName, out var handle) ? handle : 0;
}
