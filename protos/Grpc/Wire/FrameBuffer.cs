using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// One outgoing message with its header, in a rented array that is kept from message to message. Not thread-safe; no use after
/// <see cref="Release"/> but the next <see cref="Serialize"/>, which rents again.
/// </summary>
internal sealed class FrameBuffer(int? maxMessageSize) : SerializationContext, IBufferWriter<byte>
{
    private const int InitialSize = 4 * 1024;

    /// <summary>A rare huge message must not hold its memory for the life of the stream.</summary>
    private const int MaxKeptSize = 4 * 1024 * 1024;

    private byte[] _buffer = [];
    private int _length;
    private bool _completed;

    /// <returns>Header and payload; valid until the next call.</returns>
    /// <exception cref="RpcException">The message is bigger than allowed.</exception>
    public ReadOnlyMemory<byte> Serialize<T>(T message, Action<T, SerializationContext> serializer)
    {
        Begin();
        serializer(message, this);
        return _completed ? End() : throw new InvalidOperationException("The serializer did not complete its message.");
    }

    /// <summary>Starts a message, leaving room for its header.</summary>
    public void Begin()
    {
        if (_buffer.Length > MaxKeptSize)
            Release();
        _length = GrpcProtocol.HeaderSize;
        _completed = false;
    }

    /// <summary>Fills in the header.</summary>
    /// <inheritdoc cref="Serialize"/>
    public ReadOnlyMemory<byte> End()
    {
        var payload = _length - GrpcProtocol.HeaderSize;
        MessageSize.CheckSent(payload, maxMessageSize);
        Reserve(0);
        _buffer[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(1), payload);
        return _buffer.AsMemory(0, _length);
    }

    public override void SetPayloadLength(int payloadLength)
    {
        MessageSize.CheckSent(payloadLength, maxMessageSize);
        Reserve(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => this;

    public override void Complete() => _completed = true;

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Reserve(payload.Length);
        payload.CopyTo(_buffer, _length);
        _length += payload.Length;
        _completed = true;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_length);
    }

    /// <summary>Gives the array back.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Reserve(int count)
    {
        var needed = (long)_length + count;
        if (needed <= _buffer.Length)
            return;
        if (needed > Array.MaxLength)
            MessageSize.CheckSent(needed, Array.MaxLength);

        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(Math.Max(needed, 2L * _buffer.Length), InitialSize), Array.MaxLength));
        _buffer.AsSpan(0, Math.Min(_length, _buffer.Length)).CopyTo(grown);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }
}
