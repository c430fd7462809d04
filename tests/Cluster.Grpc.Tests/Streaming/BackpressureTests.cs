using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Streaming;

/// <summary>A sender never gets ahead of a slow receiver by more than the buffers between them.</summary>
public sealed class BackpressureTests
{
    private const int Size = 256 * 1024;
    private const int Count = 160;

    // HttpClient lets its receive window grow to 16 MiB; sockets and pipes hold some more.
    private const int MaxAhead = 24 * 1024 * 1024 / Size;

    private int _sent;
    private int _received;
    private int _ahead;

    [Fact]
    public async Task Server_waits_for_the_client()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers { ServerStream = (_, responses, _) => SendAsync(responses) });
        using var call = host.Client.ServerStream(new EchoMessage());

        await ReceiveAsync(call.ResponseStream);

        Assert.Equal(Count, _received);
        Assert.InRange(_ahead, 0, MaxAhead);
    }

    [Fact]
    public async Task Client_waits_for_the_server()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            ClientStream = async (requests, _) =>
            {
                await ReceiveAsync(requests);
                return new EchoMessage();
            },
        });
        using var call = host.Client.ClientStream();

        await SendAsync(call.RequestStream);
        await call.RequestStream.CompleteAsync();
        await call;

        Assert.Equal(Count, _received);
        Assert.InRange(_ahead, 0, MaxAhead);
    }

    private async Task SendAsync(IAsyncStreamWriter<EchoMessage> writer)
    {
        var message = new EchoMessage { Data = ByteString.CopyFrom(new byte[Size]) };
        for (var i = 0; i < Count; i++)
        {
            await writer.WriteAsync(message);
            _ahead = Math.Max(_ahead, Interlocked.Increment(ref _sent) - Volatile.Read(ref _received));
        }
    }

    private async Task ReceiveAsync(IAsyncStreamReader<EchoMessage> reader)
    {
        while (await reader.MoveNext())
        {
            Interlocked.Increment(ref _received);

            // Lets the sender run as far ahead as it can before it gets its next chance.
            for (var i = 0; i < 20; i++)
                await Task.Yield();
        }
    }
}
