using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Cluster.Benchmarks.Network;

/// <summary>
/// A network device of Linux whose frames this program carries (Documentation/networking/tuntap.rst of the kernel); it is gone with the program. Each frame has a
/// <c>virtio_net_hdr</c> of <see cref="HeaderLength"/> bytes before it: as on real hardware, checksums and cutting into packets are the device's work,
/// which the header tells instead of doing it, so that up to 64 KiB of a stream are one frame.
/// </summary>
internal sealed unsafe partial class TapDevice : IDisposable
{
    public const int HeaderLength = 10;

    /// <summary>The longest frame with its header, in bytes.</summary>
    public const int MaximumLength = HeaderLength + 14 + 65535;

    private const int ReadWrite = 2, NonBlocking = 0x800;
    private const nuint SetInterface = 0x400454ca, SetOffload = 0x400454d0;
    private const short Tap = 0x2, NoPacketInformation = 0x1000, VirtioHeader = 0x4000;
    private const nint Checksums = 1, Segmentation = 2;

    /// <exception cref="Win32Exception">No right to make devices, or the kernel has none.</exception>
    public TapDevice(string name)
    {
        Descriptor = Open("/dev/net/tun"u8, ReadWrite | NonBlocking);
        if (Descriptor < 0) throw Failure("/dev/net/tun");
        var request = stackalloc byte[40]; // struct ifreq: a name of 16 bytes, flags
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, 15));
        *(short*)(request + 16) = Tap | NoPacketInformation | VirtioHeader;
        if (Control(Descriptor, SetInterface, (nint)request) < 0) throw Failure(name);
        if (Control(Descriptor, SetOffload, Checksums | Segmentation) < 0) throw Failure(name);
    }

    public int Descriptor { get; }

    /// <summary>The next frame that the machine sends, and its length; 0 or less: there is none now.</summary>
    public int Read(byte* frame) => (int)Read(Descriptor, frame, MaximumLength);

    /// <summary>False: the machine does not take it.</summary>
    public bool Write(byte* frame, int length) => Write(Descriptor, frame, (nuint)length) == length;

    public void Dispose() => _ = Close(Descriptor);

    private static Win32Exception Failure(string what) => new(Marshal.GetLastPInvokeError(), $"{what}: {Marshal.GetLastPInvokeErrorMessage()}");

    private static int Open(ReadOnlySpan<byte> path, int flags)
    {
        fixed (byte* first = path) return Open(first, flags);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
