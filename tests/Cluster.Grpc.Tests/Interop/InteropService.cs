using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Interop;

/// <summary>Serves the scenarios of client.js. What a method does is said by the text of the request; server.js does the same.</summary>
internal sealed class InteropService
{
    /// <summary>Completes when the call is cancelled that is made to be.</summary>
    public TaskCompletionSource Cancelled { get; } = new();

    /// <summary>Unary requests that came compressed.</summary>
    public int Compressed { get; private set; }

    public EchoHandlers Handlers => new()
    {
        Unary = UnaryAsync,
        ClientStream = ClientStreamAsync,
        ServerStream = ServerStreamAsync,
    };

    private static RpcException Failure => new(
        new Status(StatusCode.FailedPrecondition, "größer als 100 %"), new Metadata { { "detail", "x" }, { "raw-bin", [0, 255, 128] } });

    private async Task<EchoMessage> UnaryAsync(EchoMessage request, ServerCallContext context)
    {
        if (context.GetHttpContext().Request.Headers["grpc-encoding"] == "gzip")
            Compressed++;
        switch (request.Text)
        {
            case "fail":
                throw Failure;
            case "metadata":
                var mirrored = new Metadata();
                foreach (var entry in context.RequestHeaders.Where(e => e.Key is "x-text" or "x-raw-bin"))
                {
                    mirrored.Add(entry);
                    context.ResponseTrailers.Add(entry);
                }

                await context.WriteResponseHeadersAsync(mirrored);
                return request;
            case "deadline":
                return new EchoMessage { Number = (int)Math.Round((context.Deadline - DateTime.UtcNow).TotalSeconds) };
            case "cancel":
                context.CancellationToken.Register(Cancelled.SetResult);
                await context.WriteResponseHeadersAsync(Metadata.Empty);
                await Cancelled.Task;
                return request;
            case "wait":
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
                return request;
            default:
                return request;
        }
    }

    private async Task<EchoMessage> ClientStreamAsync(IAsyncStreamReader<EchoMessage> requests, ServerCallContext context)
    {
        var sum = new EchoMessage();
        await foreach (var request in requests.ReadAllAsync())
        {
            sum.Text += request.Text;
            sum.Number += request.Number;
            if (request.Text == "fail")
                throw Failure;
        }

        return sum;
    }

    private async Task ServerStreamAsync(EchoMessage request, IServerStreamWriter<EchoMessage> responses, ServerCallContext context)
    {
        for (var i = 0; i < request.Number; i++)
            await responses.WriteAsync(new EchoMessage { Text = request.Text, Number = i });
        if (request.Text == "fail")
            throw Failure;
    }
}
