using System.Net;
using System.Net.Http.Headers;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The body of a request: whatever the given function writes, of a length not known before.</summary>
internal sealed class CallContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Type = new(GrpcProtocol.ContentType);

    private readonly Func<Stream, CancellationToken, Task> _send;

    public CallContent(Func<Stream, CancellationToken, Task> send)
    {
        _send = send;
        Headers.ContentType = Type;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _send(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _send(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
