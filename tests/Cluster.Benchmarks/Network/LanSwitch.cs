using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cluster.Benchmarks.Network;

/// <summary>
/// An Ethernet switch of virtual devices, whose links have a rate and a delay: for kernels without <c>netem</c>. One thread, which the system runs before others and
/// which sleeps until there is something to do.
/// </summary>
internal sealed unsafe partial class LanSwitch : IDisposable
{
    private const int Slots = 4096, ReadsInARow = 16;

    private readonly TapDevice[] _ports;
    private readonly LinkSchedule _schedule;
    private readonly Dictionary<ulong, int> _portOf = [];
    private readonly Queue<Frame>[] _onTheWay;
    private readonly byte* _buffers = (byte*)NativeMemory.Alloc(Slots, TapDevice.MaximumLength);
    private readonly Stack<int> _free = new(Enumerable.Range(0, Slots));
    private long _carried;
    private long _lost;

    public LanSwitch(LanSwitchOptions options)
    {
        _ports = [.. options.Ports.Select(static name => new TapDevice(name))];
        _onTheWay = [.. _ports.Select(static _ => new Queue<Frame>(Slots))];
        _schedule = new LinkSchedule(_ports.Length, options.BitsPerSecond, options.Delay);
    }

    private readonly record struct Frame(int Slot, int Length, long Arrival);

    /// <summary>Carries frames until the process is ended, and then tells how many on standard error.</summary>
    public void Run()
    {
        var begin = Stopwatch.GetTimestamp();
        using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Console.Error.WriteLine(
            $"{_carried} frames, {_lost} lost; {Environment.CpuUsage.TotalTime.TotalSeconds:F1} s of processor time in {Stopwatch.GetElapsedTime(begin).TotalSeconds:F1} s"));
        var priority = 1;
        if (SetScheduler(0, FirstInFirstOut, &priority) < 0) Console.Error.WriteLine("the switch cannot run before others: delays will vary");
        Console.WriteLine("ready");

        var polled = stackalloc Polled[_ports.Length];
        for (var i = 0; i < _ports.Length; i++) polled[i] = new Polled(_ports[i].Descriptor, Readable);
        while (true)
        {
            Deliver(Stopwatch.GetTimestamp());
            Sleep(polled);
            for (var i = 0; i < _ports.Length; i++)
            {
                if ((polled[i].Returned & Readable) != 0) Receive(i);
                else if (polled[i].Returned != 0) return;
            }
        }
    }

    public void Dispose()
    {
        foreach (var port in _ports) port.Dispose();
        NativeMemory.Free(_buffers);
    }

    private void Receive(int from)
    {
        for (var reads = 0; reads < ReadsInARow && _free.TryPop(out var slot); reads++)
        {
            var frame = Buffer(slot);
            var length = _ports[from].Read(frame);
            if (length <= TapDevice.HeaderLength + 14)
            {
                _free.Push(slot);
                return;
            }

            Forward(from, slot, length, Stopwatch.GetTimestamp());
        }
    }

    private void Forward(int from, int slot, int length, long now)
    {
        var ethernet = Buffer(slot) + TapDevice.HeaderLength;
        var source = Address(ethernet + 6);
        if (!_portOf.TryGetValue(source, out var known) || known != from) _portOf[source] = from;
        if (_portOf.TryGetValue(Address(ethernet), out var to))
        {
            Send(from, to, slot, length, now);
            return;
        }

        for (to = 0; to < _ports.Length; to++)
        {
            if (to == from || !_free.TryPop(out var copy)) continue;
            NativeMemory.Copy(Buffer(slot), Buffer(copy), (nuint)length);
            Send(from, to, copy, length, now);
        }

        _free.Push(slot);
    }

    private void Send(int from, int to, int slot, int length, long now)
    {
        var header = new ReadOnlySpan<byte>(Buffer(slot), TapDevice.HeaderLength);
        var arrival = to == from ? -1 : _schedule.Arrival(now, from, to, LinkSchedule.WireBytes(header, length - TapDevice.HeaderLength));
        if (arrival >= 0)
        {
            _onTheWay[to].Enqueue(new Frame(slot, length, arrival));
            return;
        }

        _lost++;
        _free.Push(slot);
    }

    private void Deliver(long now)
    {
        for (var to = 0; to < _ports.Length; to++)
        {
            while (_onTheWay[to].TryPeek(out var frame) && frame.Arrival <= now)
            {
                _onTheWay[to].Dequeue();
                if (_ports[to].Write(Buffer(frame.Slot), frame.Length)) _carried++;
                else _lost++;
                _free.Push(frame.Slot);
            }
        }
    }

    /// <summary>Until a frame comes or one is due.</summary>
    private void Sleep(Polled* polled)
    {
        var next = long.MaxValue;
        foreach (var frames in _onTheWay)
        {
            if (frames.TryPeek(out var frame)) next = Math.Min(next, frame.Arrival);
        }

        var rest = Math.Max(0, next - Stopwatch.GetTimestamp());
        var time = stackalloc long[2] { rest / 1_000_000_000, rest % 1_000_000_000 };
        _ = Poll(polled, (nuint)_ports.Length, next == long.MaxValue ? null : time, null);
    }

    private byte* Buffer(int slot) => _buffers + (nuint)slot * TapDevice.MaximumLength;

    private static ulong Address(byte* bytes) => BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(bytes, 4)) | (ulong)bytes[4] << 32 | (ulong)bytes[5] << 40;

    private const short Readable = 1;
    private const int FirstInFirstOut = 1;

    /// <summary>A <c>struct pollfd</c>.</summary>
    private struct Polled(int descriptor, short events)
    {
        public int Descriptor = descriptor;
        public short Events = events;
        public short Returned = 0;
    }

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int Poll(Polled* descriptors, nuint count, long* time, void* signals);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, int* priority);
}
