using Grpc.Core;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Hosting;

/// <summary>A generated service whose methods are the test's.</summary>
internal sealed class EchoService(EchoHandlers handlers) : Echo.EchoBase
{
    public override Task<EchoMessage> Unary(EchoMessage request, ServerCallContext context) => handlers.Unary(request, context);

    public override Task<EchoMessage> ClientStream(IAsyncStreamReader<EchoMessage> requestStream, ServerCallContext context) =>
        handlers.ClientStream(requestStream, context);

    public override Task ServerStream(EchoMessage request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context) =>
        handlers.ServerStream(request, responseStream, context);

    public override Task Duplex(
        IAsyncStreamReader<EchoMessage> requestStream, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context) =>
        handlers.Duplex(requestStream, responseStream, context);
}
