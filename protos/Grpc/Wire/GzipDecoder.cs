using System.Buffers;
using System.IO.Compression;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Decompresses received messages. Not a hot path: nothing of ours compresses on send.</summary>
internal static class GzipDecoder
{
    private const int ChunkSize = 16 * 1024;

    /// <param name="compressed">One gzip member or more.</param>
    /// <param name="maxSize">Limit on the decompressed bytes, so that a small message cannot fill the memory.</param>
    /// <exception cref="RpcException">Over the limit, or not gzip.</exception>
    public static ReadOnlySequence<byte> Decode(in ReadOnlySequence<byte> compressed, int? maxSize)
    {
        var output = new ArrayBufferWriter<byte>();
        try
        {
            using var input = new MemoryStream(compressed.ToArray());
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            while (true)
            {
                var read = gzip.Read(output.GetSpan(ChunkSize));
                if (read == 0)
                    return new ReadOnlySequence<byte>(output.WrittenMemory);
                output.Advance(read);
                MessageSize.CheckReceived(output.WrittenCount, maxSize);
            }
        }
        catch (InvalidDataException e)
        {
            throw new RpcException(new Status(StatusCode.Internal, "A compressed message is not gzip.", e));
        }
    }
}
