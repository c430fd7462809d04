using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Coordinator.Api.Access;

namespace Cluster.Coordinator.Tests.Api.Access;

public sealed class ServerCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-test-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _log = [];

    private TlsFiles Files => new(Path.Combine(_folder, "cert.pem"), Path.Combine(_folder, "key.pem"));

    [Fact]
    public async Task Api_answers_with_the_users_certificate_and_takes_a_new_one()
    {
        Write("first", out _);
        await using var api = await StartAsync();
        Assert.Equal("https", api.BaseAddress.Scheme);
        Assert.Equal(HttpStatusCode.OK, (await api.FetchAsync(HttpMethod.Get, "/v1/models")).Status);
        Assert.Equal("CN=first", await SubjectAsync(api.BaseAddress));

        Write("second, which is longer", out _);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("CN=\"second, which is longer\"", await SubjectAsync(api.BaseAddress));

        File.WriteAllText(Files.KeyPath, "nonsense");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("CN=\"second, which is longer\"", await SubjectAsync(api.BaseAddress));
        Assert.Collection(
            _log,
            line => Assert.EndsWith("read again", line, StringComparison.Ordinal),
            line => Assert.EndsWith("stays in use", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_that_do_not_belong_together_end_the_start()
    {
        Write("first", out var key);
        Write("second", out _);
        File.WriteAllText(Files.KeyPath, key);

        var mixed = await Assert.ThrowsAsync<ClusterException>(StartAsync);
        File.Delete(Files.CertificatePath);
        var missing = await Assert.ThrowsAsync<ClusterException>(StartAsync);

        Assert.Contains("are no certificate with its key", mixed.Message, StringComparison.Ordinal);
        Assert.StartsWith(Files.CertificatePath, missing.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", mixed.Message + missing.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<ApiFixture> StartAsync() => ApiFixture.StartAsync(options: ApiFixture.Loopback with { Tls = Files, Log = _log.Add }, time: _time);

    private void Write(string name, out string key)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        using var certificate = new CertificateRequest(subject.Build(), pair, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(Files.CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(Files.KeyPath, key = pair.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Whose certificate a new connection is shown.</summary>
    private static async Task<string> SubjectAsync(Uri address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var subject = "";
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) => (subject = certificate!.Subject).Length > 0);
        await tls.AuthenticateAsClientAsync("localhost");
        return subject;
    }
}
