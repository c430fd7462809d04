using System.Runtime.InteropServices;

namespace Cluster.Compute.Cpu.Memory;

/// <summary>Anonymous mappings of Linux. Constants are the same on every architecture that .NET runs on there.</summary>
internal static unsafe partial class LinuxMapping
{
    private const int ProtectReadWrite = 0x1 | 0x2;
    private const int PrivateAnonymous = 0x02 | 0x20;
    private const int AdviseHugePage = 14;

    /// <summary>Maps zeroed pages and asks for huge ones, which the system may decline.</summary>
    /// <exception cref="InsufficientMemoryException">The system refuses that many bytes.</exception>
    public static byte* Map(long bytes)
    {
        var address = Map(0, (nuint)bytes, ProtectReadWrite, PrivateAnonymous, -1, 0);
        if (address == -1) throw new InsufficientMemoryException($"The system refuses {bytes} bytes of memory.");
        _ = Advise(address, (nuint)bytes, AdviseHugePage);
        return (byte*)address;
    }

    public static void Unmap(byte* address, long bytes) => _ = Unmap((nint)address, (nuint)bytes);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
