using System.Runtime.InteropServices;
using Cluster.Compute.Devices;
using Cluster.Model.Processors;

namespace Cluster.Compute.Cpu.Threading;

/// <summary>Ties threads to processors, where the system can: Linux.</summary>
internal static unsafe partial class ThreadAffinity
{
    private const int MaskBytes = CpuList.Limit / 8;

    /// <summary>Processors that the calling thread may run on.</summary>
    /// <exception cref="DeviceUnavailableException">The system cannot tell.</exception>
    public static IReadOnlyList<int> Allowed()
    {
        if (!OperatingSystem.IsLinux()) throw new DeviceUnavailableException("threads cannot be tied to processors on this system");

        var mask = stackalloc byte[MaskBytes];
        if (GetAffinity(0, MaskBytes, mask) < 0)
            throw new DeviceUnavailableException($"the system does not tell its processors (error {Marshal.GetLastPInvokeError()})");
        var numbers = new List<int>();
        for (var number = 0; number < CpuList.Limit; number++)
        {
            if ((mask[number / 8] >> (number % 8) & 1) != 0) numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>Refuses processors that the process may not use.</summary>
    /// <exception cref="DeviceUnavailableException">There are some.</exception>
    public static void Require(CpuList cpus)
    {
        var allowed = Allowed();
        foreach (var number in cpus.Numbers)
        {
            if (!allowed.Contains(number))
                throw new DeviceUnavailableException($"processor {number} of {cpus} is none that this process may use ({string.Join(',', allowed)})");
        }
    }

    /// <summary>Has the calling thread run on one processor alone. One that went away in the meantime changes nothing.</summary>
    public static void Pin(int number)
    {
        var mask = stackalloc byte[MaskBytes];
        mask[number / 8] = (byte)(1 << (number % 8));
        _ = SetAffinity(0, MaskBytes, mask);
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nuint size, byte* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint size, byte* mask);
}
