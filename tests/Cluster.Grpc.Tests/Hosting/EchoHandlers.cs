using Grpc.Core;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Hosting;

/// <summary>What the echo service of one test does. The defaults echo.</summary>
internal sealed class EchoHandlers
{
    public UnaryServerMethod<EchoMessage, EchoMessage> Unary { get; init; } = (request, _) => Task.FromResult(request);

    public ClientStreamingServerMethod<EchoMessage, EchoMessage> ClientStream { get; init; } = async (requests, _) =>
    {
        var sum = new EchoMessage();
        await foreach (var request in requests.ReadAllAsync())
        {
            sum.Text += request.Text;
            sum.Number += request.Number;
        }

        return sum;
    };

    public ServerStreamingServerMethod<EchoMessage, EchoMessage> ServerStream { get; init; } = async (request, responses, _) =>
    {
        for (var i = 0; i < request.Number; i++)
            await responses.WriteAsync(new EchoMessage { Text = request.Text, Number = i });
    };

    public DuplexStreamingServerMethod<EchoMessage, EchoMessage> Duplex { get; init; } = async (requests, responses, _) =>
    {
        await foreach (var request in requests.ReadAllAsync())
            await responses.WriteAsync(request);
    };
}
