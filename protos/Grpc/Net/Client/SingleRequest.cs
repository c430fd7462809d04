using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The body of a call with one request: serialized before the call begins, so that the HTTP client may send it again.</summary>
internal sealed class SingleRequest(FrameBuffer frame, ReadOnlyMemory<byte> bytes)
{
    private volatile bool _sent;

    public async Task SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        _sent = true;
    }

    /// <summary>Gives the buffer back, once the response is there. One that may still be in use is left to the collector.</summary>
    public void Release()
    {
        if (_sent)
            frame.Release();
    }
}
