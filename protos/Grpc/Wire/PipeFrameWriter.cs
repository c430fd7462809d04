using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// Writes messages into a pipe. One that says its length beforehand is serialized straight into the pipe's memory, any other
/// by way of a buffer. Not thread-safe.
/// </summary>
internal sealed class PipeFrameWriter(PipeWriter pipe, int? maxMessageSize) : SerializationContext, IBufferWriter<byte>
{
    private readonly FrameBuffer _buffer = new(maxMessageSize);
    private int? _announced;
    private long _written;
    private bool _direct;
    private bool _completed;

    /// <summary>Part of a message is in the pipe and the rest will not come: the stream must be reset.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Serializes a message into the pipe, without flushing it.</summary>
    /// <exception cref="RpcException">The message is bigger than allowed.</exception>
    public void Write<T>(T message, Action<T, SerializationContext> serializer)
    {
        _announced = null;
        _direct = false;
        _completed = false;
        _written = 0;
        _buffer.Begin();

        serializer(message, this);
        if (!_completed)
            throw new InvalidOperationException("The serializer did not complete its message.");
        if (!_direct)
        {
            pipe.Write(_buffer.End().Span);
            return;
        }

        if (_written != _announced)
            throw new InvalidOperationException($"The serializer announced {_announced} bytes and wrote {_written}.");
        IsBroken = false;
    }

    public void Release() => _buffer.Release();

    public override void SetPayloadLength(int payloadLength)
    {
        MessageSize.CheckSent(payloadLength, maxMessageSize);
        _announced = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_announced is not { } length)
            return _buffer.GetBufferWriter();
        if (_direct)
            return this;

        _direct = true;
        IsBroken = true;
        var header = pipe.GetSpan(GrpcProtocol.HeaderSize);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], length);
        pipe.Advance(GrpcProtocol.HeaderSize);
        return this;
    }

    public override void Complete() => _completed = true;

    public override void Complete(byte[] payload)
    {
        _buffer.Complete(payload);
        _completed = true;
    }

    public void Advance(int count)
    {
        _written += count;
        pipe.Advance(count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => pipe.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => pipe.GetSpan(sizeHint);
}
