using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// Cuts a byte stream into messages. Allocates nothing per message: the payload is parsed where it lies in the pipe.
/// One read at a time; the owner sees to that.
/// </summary>
internal sealed class FrameReader<T>(PipeReader pipe, string encoding, int? maxMessageSize)
    where T : class
{
    private readonly Payload _payload = new();

    public T? Current { get; private set; }

    /// <summary>Reads the next message; false at the end of the stream.</summary>
    /// <exception cref="RpcException">The message is too big, cut off, or cannot be decoded.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync(Func<DeserializationContext, T> deserializer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (result.IsCanceled)
            {
                pipe.AdvanceTo(buffer.Start);
                throw new OperationCanceledException();
            }

            if (TryCut(ref buffer, out var compressed, out var message))
            {
                Current = Parse(deserializer, compressed, message);
                pipe.AdvanceTo(buffer.Start);
                return true;
            }

            if (result.IsCompleted)
            {
                Current = null;
                if (!buffer.IsEmpty)
                    throw new RpcException(new Status(StatusCode.Internal, "The stream ended in the middle of a message."));
                pipe.AdvanceTo(buffer.End);
                return false;
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private bool TryCut(ref ReadOnlySequence<byte> buffer, out bool compressed, out ReadOnlySequence<byte> message)
    {
        compressed = false;
        message = default;
        if (buffer.Length < GrpcProtocol.HeaderSize)
            return false;

        Span<byte> header = stackalloc byte[GrpcProtocol.HeaderSize];
        buffer.Slice(0, GrpcProtocol.HeaderSize).CopyTo(header);
        if (header[0] > 1)
            throw new RpcException(new Status(StatusCode.Internal, $"A message has the compression flag {header[0]}; only 0 and 1 exist."));
        compressed = header[0] == 1;

        long length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        MessageSize.CheckReceived(length, maxMessageSize);
        if (buffer.Length < GrpcProtocol.HeaderSize + length)
            return false;

        message = buffer.Slice(GrpcProtocol.HeaderSize, length);
        buffer = buffer.Slice(message.End);
        return true;
    }

    private T Parse(Func<DeserializationContext, T> deserializer, bool compressed, in ReadOnlySequence<byte> message)
    {
        if (compressed && encoding != GrpcProtocol.Gzip)
            throw new RpcException(new Status(StatusCode.Internal, $"A message is compressed although the encoding is '{encoding}'."));

        _payload.Set(compressed ? GzipDecoder.Decode(message, maxMessageSize) : message);
        try
        {
            return deserializer(_payload);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, "A message could not be deserialized.", e));
        }
        finally
        {
            _payload.Set(default);
        }
    }
}
