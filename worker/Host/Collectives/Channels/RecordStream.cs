using System.Buffers.Binary;
using System.Net.Sockets;
using System.Numerics;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>
/// What TLS reads from and writes to: records on a socket that never blocks. Reading gives no more than one record at a time, so that nothing is left
/// inside TLS that nobody knows of; writing takes everything, and <see cref="TryFlush"/> sends it.
/// </summary>
internal sealed class RecordStream(Socket socket) : Stream
{
    private const int HeaderBytes = 5;

    /// <summary>Of RFC 8446, 5.2: payload, its type, and what encryption adds.</summary>
    private const int MaxRecordBytes = HeaderBytes + (1 << 14) + 256;

    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(1);

    private readonly byte[] _received = new byte[4 * MaxRecordBytes];
    private int _start;
    private int _end;
    private int _recordLeft;
    private byte[] _sending = new byte[MaxRecordBytes];
    private int _sent;
    private int _toSend;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A whole record is here, or what TLS will find to be none.</summary>
    public bool HasRecord => _end - _start >= HeaderBytes && _end - _start >= RecordBytes;

    private int RecordBytes => HeaderBytes + Math.Min((int)BinaryPrimitives.ReadUInt16BigEndian(_received.AsSpan(_start + 3)), MaxRecordBytes - HeaderBytes);

    /// <summary>Receives what there is. As <see cref="IPeerTransport.Receive"/> says.</summary>
    public int Fill(out SocketError error)
    {
        if (_start == _end) _start = _end = 0;
        if (_received.Length - _end < MaxRecordBytes)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            _end -= _start;
            _start = 0;
        }

        var count = socket.Receive(_received.AsSpan(_end), SocketFlags.None, out error);
        if (error != SocketError.Success) return 0;
        _end += count;
        return count;
    }

    /// <inheritdoc cref="IPeerTransport.TryFlush"/>
    public bool TryFlush(out SocketError error)
    {
        if (!socket.TrySend(_sending.AsSpan(0, _toSend), ref _sent, out error)) return false;
        _sent = _toSend = 0;
        return true;
    }

    /// <summary>Once connected, TLS reads only when a whole record is here; when it wants another, that one was a message of its own.</summary>
    /// <exception cref="NoRecordException">There is none.</exception>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_recordLeft == 0)
        {
            if (!HasRecord) throw new NoRecordException();
            _recordLeft = RecordBytes;
        }

        var count = Math.Min(buffer.Length, Math.Min(_recordLeft, _end - _start));
        _received.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        _recordLeft -= count;
        return count;
    }

    /// <summary>During the handshake: waits for a record, by looking again.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_recordLeft == 0 && !HasRecord)
        {
            if (Fill(out var error) > 0) continue;
            if (error == SocketError.Success) return 0;
            if (error != SocketError.WouldBlock) throw new SocketException((int)error);
            await Task.Delay(s_lookAgain, cancellationToken).ConfigureAwait(false);
        }

        return Read(buffer.Span);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_sending.Length - _toSend < buffer.Length) Array.Resize(ref _sending, (int)BitOperations.RoundUpToPowerOf2((uint)(_toSend + buffer.Length)));
        buffer.CopyTo(_sending.AsSpan(_toSend));
        _toSend += buffer.Length;
    }

    /// <summary>During the handshake.</summary>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        while (!TryFlush(out var error))
        {
            if (error is not (SocketError.WouldBlock or SocketError.Success)) throw new SocketException((int)error);
            await Task.Delay(s_lookAgain, cancellationToken).ConfigureAwait(false);
        }
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
