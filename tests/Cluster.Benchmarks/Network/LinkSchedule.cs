using System.Buffers.Binary;

namespace Cluster.Benchmarks.Network;

/// <summary>When frames arrive that machines send each other over a switch: every machine's link has the same rate, each way. Times are nanoseconds.</summary>
internal sealed class LinkSchedule(int links, double bitsPerSecond, long delay)
{
    /// <summary>What waits longer for its turn than this is lost, as where a switch's buffer is full.</summary>
    public const long LongestQueue = 50_000_000;

    private readonly long[] _upFree = new long[links];
    private readonly long[] _downFree = new long[links];

    /// <summary>
    /// When the last bit of a frame is there, and its links are taken until then; −1: it is lost. A frame takes its time on the sender's link and, at the
    /// same time, on the receiver's, as soon as those before it have gone; then the delay.
    /// </summary>
    public long Arrival(long now, int from, int to, int wireBytes)
    {
        var time = (long)(wireBytes * 8e9 / bitsPerSecond);
        var sent = Math.Max(now, _upFree[from]) + time;
        var received = Math.Max(sent, _downFree[to] + time);
        if (received - now > LongestQueue) return -1;
        _upFree[from] = sent;
        _downFree[to] = received;
        return received + delay;
    }

    /// <summary>Bytes that a frame has on the wire: of each of the packets that it is cut into at least 60, headers, and 24 of preamble, checksum and gap.</summary>
    /// <param name="header">A <c>virtio_net_hdr</c>: at 2 the length of a packet's headers, at 4 how much follows them in each, 0 for a frame that is not cut.</param>
    /// <param name="length">Of the frame, without that header.</param>
    public static int WireBytes(ReadOnlySpan<byte> header, int length)
    {
        var headers = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        var part = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        var packets = part == 0 ? 1 : Math.Max(1, (length - headers + part - 1) / part);
        return Math.Max(60, length) + (packets - 1) * headers + packets * 24;
    }
}
