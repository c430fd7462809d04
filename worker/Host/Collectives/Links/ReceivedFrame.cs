using System.Buffers;
using System.Numerics;
using Cluster.Protos.Frames;

namespace Cluster.Worker.Collectives.Links;

/// <summary>A slot for one received frame; its storage grows to the largest payload seen and stays.</summary>
internal sealed class ReceivedFrame
{
    private byte[] _buffer = [];
    private int _length;

    public FrameHeader Header { get; private set; }

    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(0, _length);

    public void Fill(in FrameHeader header, in ReadOnlySequence<byte> payload)
    {
        var length = checked((int)payload.Length);
        if (length > _buffer.Length) _buffer = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)length));
        payload.CopyTo(_buffer);
        _length = length;
        Header = header;
    }
}
