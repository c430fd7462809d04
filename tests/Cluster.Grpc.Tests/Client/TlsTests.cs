using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests.Client;

public sealed class TlsTests
{
    [Fact]
    public async Task Both_sides_show_certificates()
    {
        using var serverCertificate = Create("server.test");
        using var clientCertificate = Create("worker-7");
        var handlers = new EchoHandlers
        {
            Unary = (_, context) => Task.FromResult(
                new EchoMessage { Text = context.GetHttpContext().Connection.ClientCertificate!.Subject }),
        };
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [clientCertificate],
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate!.GetCertHashString() == serverCertificate.GetCertHashString(),
            },
        };
        await using var host = await GrpcHost.StartAsync(
            app => app.MapGrpcService<EchoService>(),
            services => services.AddSingleton(handlers),
            listen: endpoint => endpoint.UseHttps(serverCertificate, https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.AllowAnyClientCertificate();
            }),
            channel: new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });

        Assert.Equal("https", host.Address.Scheme);
        Assert.Equal("CN=worker-7", (await host.Client.UnaryAsync(new EchoMessage())).Text);

        // The same server does not have the trust of a channel with default settings.
        using var untrusting = GrpcChannel.ForAddress(host.Address);
        Assert.Equal(
            StatusCode.Unavailable, await Failure.CodeAsync(new Echo.EchoClient(untrusting).UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    private static X509Certificate2 Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
