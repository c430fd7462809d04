using System.Runtime.InteropServices;

namespace Cluster.Compute.Cpu.Memory;

/// <summary>Anonymous mappings of Linux. Constants are the same on every architecture that .NET runs on there.</summary>
internal static unsafe partial class LinuxMapping
{
    private const int ProtectReadWrite = 0x1 | 0x2;
    private const int PrivateAnonymous = 0x02 | 0x20;
    private const int AdviseDiscard = 4;
    private const int AdviseHugePage = 14;
    private const long HugePageBytes = 2 << 20;

    /// <summary>
    /// Maps zeroed pages and asks for huge ones, which the system may decline. From the size of a huge page on the mapping begins on the
    /// boundary of one.
    /// </summary>
    /// <exception cref="InsufficientMemoryException">The system refuses that many bytes.</exception>
    public static byte* Map(long bytes)
    {
        var slack = bytes >= HugePageBytes ? HugePageBytes : 0;
        var address = Map(0, checked((nuint)(bytes + slack)), ProtectReadWrite, PrivateAnonymous, -1, 0);
        if (address == -1) throw new InsufficientMemoryException($"The system refuses {bytes} bytes of memory.");

        if (slack != 0)
        {
            var end = address + (nint)(bytes + slack);
            var start = (address + (nint)HugePageBytes - 1) & -(nint)HugePageBytes;
            var behind = RoundUp(start + (nint)bytes);
            if (start > address) _ = Unmap(address, (nuint)(start - address));
            if (end > behind) _ = Unmap(behind, (nuint)(end - behind));
            address = start;
        }

        _ = Advise(address, (nuint)bytes, AdviseHugePage);
        return (byte*)address;
    }

    public static void Unmap(byte* address, long bytes) => _ = Unmap((nint)address, (nuint)bytes);

    /// <summary>Gives the pages that lie wholly in a range back to the system; they read as zero afterwards.</summary>
    public static void Discard(byte* address, long bytes)
    {
        var start = RoundUp((nint)address);
        var end = ((nint)address + (nint)bytes) & -Environment.SystemPageSize;
        if (end > start) _ = Advise(start, (nuint)(end - start), AdviseDiscard);
    }

    private static nint RoundUp(nint address) => (address + Environment.SystemPageSize - 1) & -Environment.SystemPageSize;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
