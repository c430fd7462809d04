using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Security;
using Cluster.Coordinator.Weights;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cluster.Coordinator.Tests.Security;

/// <summary>A coordinator's listener under TLS, and workers of all kinds that come to it.</summary>
public sealed class EnrollmentTests : IAsyncLifetime
{
    private readonly string _path = Directory.CreateTempSubdirectory().FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly JoinRefusals _refusals = new();
    private readonly List<string> _log = [];
    private readonly List<IDisposable> _opened = [];
    private readonly SecurityFolder _folder;
    private readonly ClusterSecurity _security;
    private readonly MembershipRegistry _registry;
    private readonly MembershipListener _listener = MembershipListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    private MembershipServer? _server;

    public EnrollmentTests()
    {
        _folder = new SecurityFolder(_path);
        _security = ClusterSecurity.Open(_folder, _refusals, line => { lock (_log) _log.Add(line); }, _time);
        _registry = new MembershipRegistry(_time, _security.Credentials);
        _security.RevocationsChanged += _registry.Revoke;
        _security.Credentials.AuthoritiesChanged += () => _registry.Trust(_security.Credentials.Authorities);
    }

    public async Task InitializeAsync() =>
        _server = await MembershipServer.StartAsync(_listener, _registry, new OfferedModels(_registry, _time), _security, _time, CancellationToken.None);

    public async Task DisposeAsync()
    {
        foreach (var opened in _opened) opened.Dispose();
        await _server!.DisposeAsync();
        Directory.Delete(_path, recursive: true);
    }

    [Fact]
    public async Task A_token_is_turned_into_a_certificate_that_joins_and_is_renewed()
    {
        var token = Token();
        var certificate = await EnrollAsync("w", token.Id, token.Secret);
        var client = Connect(certificate);

        using var call = await JoinAsync(client, "w");
        Assert.Equal("w", call.ResponseStream.Current.Welcome.WorkerName);
        Assert.NotNull(_registry.Current.Find("w"));

        using var renewed = await RenewAsync(client);
        Assert.Equal(PeerName.OfWorker("w"), PeerCertificates.NameOf(renewed));

        Assert.Equal(["enroll accepted w", "join accepted w", "renew accepted w"], Audit());
        Assert.Equal(certificate.SerialNumber, Field(1, "serial"));
        Assert.Equal(token.Id, Field(0, "token"));
        AssertNoSecret(token);
    }

    [Fact]
    public async Task Strangers_learn_the_authority_and_nothing_else()
    {
        var client = Connect(null);
        var reply = await new Enrollment.EnrollmentClient(client).GetAuthorityAsync(new GetAuthorityRequest());
        using var authority = X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
        Assert.Equal(_security.Authorities.Present.Pin, AuthorityPin.Of(authority));
        Assert.False(authority.HasPrivateKey);

        await RefusedAsync(client, "w", "no_certificate");
        await Assert.ThrowsAsync<RpcException>(async () => await new Enrollment.EnrollmentClient(client).RenewAsync(new RenewRequest()));
        await Assert.ThrowsAsync<RpcException>(async () => await new Protos.V1.Weights.WeightsClient(client).DescribeAsync(new ModelKey()));
        Assert.Equal(3, _refusals.Of("no_certificate"));
        Assert.Empty(_registry.Current.Members);
    }

    [Fact]
    public async Task Wrong_certificates_are_refused_counted_and_logged()
    {
        using var other = ClusterAuthority.Create(_time.GetUtcNow());
        await RefusedAsync(Connect(Issue(other, PeerName.OfWorker("w"))), "w", "other_cluster");
        await RefusedAsync(Connect(Issue(_security.Authorities.Present, PeerName.Coordinator)), "w", "wrong_role");
        await RefusedAsync(Connect(Issue(_security.Authorities.Present, PeerName.OfWorker("v"))), "w", "name");
        var old = Issue(_security.Authorities.Present, PeerName.OfWorker("w"));
        _time.Advance(TimeSpan.FromHours(25));
        await RefusedAsync(Connect(old), "w", "expired");

        Assert.Equal(["join refused w", "join refused ", "join refused v", "join refused w"], Audit());
        Assert.Equal(4, _log.Count(line => line.StartsWith("refused worker ", StringComparison.Ordinal)));
        Assert.All(_log, line => Assert.Contains("127.0.0.1:", line));
    }

    [Fact]
    public async Task Wrong_tokens_are_refused()
    {
        var token = Token(uses: 1);
        Assert.Equal(StatusCode.PermissionDenied, await EnrollFailsAsync("w", token.Id, Token().Secret));
        Assert.Equal(StatusCode.InvalidArgument, await EnrollFailsAsync("../w", token.Id, token.Secret));
        await EnrollAsync("w", token.Id, token.Secret);
        Assert.Equal(StatusCode.PermissionDenied, await EnrollFailsAsync("v", token.Id, token.Secret));

        Assert.Equal((2, 1), (_refusals.Of("token"), _refusals.Of("request")));
        AssertNoSecret(token);
    }

    [Fact]
    public async Task A_revoked_worker_is_put_out_and_stays_out()
    {
        var token = Token();
        var client = Connect(await EnrollAsync("w", token.Id, token.Secret));
        using var other = await JoinAsync(Connect(await EnrollAsync("v", token.Id, token.Secret)), "v");
        using var call = await JoinAsync(client, "w");

        new RevocationStore(_folder, _time).Revoke("w");
        _time.Advance(TimeSpan.FromSeconds(2));
        _security.LookForChanges();

        await _registry.WhenAsync(members => members.Find("w") is null, CancellationToken.None);
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            // What it was told before its end.
        }

        Assert.Single((await NextAsync(other)).Trusted.Authorities);
        Assert.True(await other.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("w", Assert.Single(other.ResponseStream.Current.Revoked.Workers).Name);
        await RefusedAsync(client, "w", "revoked");
        Assert.Equal(StatusCode.PermissionDenied, await EnrollFailsAsync("w", token.Id, token.Secret));
        Assert.Equal(2, _refusals.Of("revoked"));
    }

    [Fact]
    public async Task A_name_that_is_in_the_cluster_is_not_given_to_another()
    {
        var token = Token();
        using var call = await JoinAsync(Connect(await EnrollAsync("w", token.Id, token.Secret)), "w");

        Assert.Equal(StatusCode.PermissionDenied, await EnrollFailsAsync("w", token.Id, token.Secret));
        Assert.Equal(1, _refusals.Of("name"));
    }

    [Fact]
    public async Task Another_authority_takes_over_while_workers_stay()
    {
        var token = Token();
        var first = _security.Authorities.Present;
        var old = await EnrollAsync("w", token.Id, token.Secret);
        using var call = await JoinAsync(Connect(old), "w");
        Assert.Equal([first.Certificate], (await NextAsync(call)).Trusted.ToTrusted()!.All);

        var next = Look(new AuthorityStore(_folder, _time).Rotate()).Signing;
        Assert.Equal([first.Certificate, next.Certificate], (await NextAsync(call)).Trusted.ToTrusted()!.All);

        // An earlier token still lets in, an earlier certificate too, and what is given now is the next authority's.
        var renewed = await RenewAsync(Connect(old));
        var enrolled = await EnrollAsync("v", token.Id, token.Secret);
        Assert.All([renewed, enrolled], certificate => Assert.Null(Judge(certificate, next)));
        using var other = await JoinAsync(Connect(enrolled), "v");
        Assert.Equal(2, (await NextAsync(other)).Trusted.Authorities.Count);

        var present = Look(new AuthorityStore(_folder, _time).Retire(now: true)).Present;
        Assert.Equal(next.Pin, present.Pin);
        Assert.Equal([next.Certificate], (await NextAsync(call)).Trusted.ToTrusted()!.All);
        Assert.Null(Judge(await RenewAsync(Connect(renewed)), next));
        await RefusedAsync(Connect(old), "w", "other_cluster");
        Assert.Equal(2, _registry.Current.Members.Length);
        Assert.Equal((first.Pin.ClusterId, next.Pin.ClusterId), (Field(0, "authority"), Field(2, "authority")));
    }

    private static async Task<MemberNotice> NextAsync(AsyncDuplexStreamingCall<WorkerReport, MemberNotice> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        return call.ResponseStream.Current;
    }

    private static WorkerReport Describe(string name) =>
        new() { Description = new WorkerDescription { Name = name, Address = "127.0.0.1:7", Device = new Device { Id = "cpu" } } };

    private static async Task<AsyncDuplexStreamingCall<WorkerReport, MemberNotice>> JoinAsync(GrpcChannel channel, string name)
    {
        var call = new Protos.V1.Membership.MembershipClient(channel).Join();
        await call.RequestStream.WriteAsync(Describe(name));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        return call;
    }

    private async Task RefusedAsync(GrpcChannel channel, string name, string reason)
    {
        var before = _refusals.Of(reason);
        using var call = new Protos.V1.Membership.MembershipClient(channel).Join();
        var e = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await call.RequestStream.WriteAsync(Describe(name));
            await call.ResponseStream.MoveNext(CancellationToken.None);
        });
        Assert.True(e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied, $"{e.Status}");
        Assert.Equal(before + 1, _refusals.Of(reason));
    }

    private JoinToken Token(int? uses = null) => _security.Tokens!.Create(_security.Authorities.Present.Pin, TimeSpan.FromHours(1), uses, null);

    private async Task<X509Certificate2> EnrollAsync(string name, string id, string secret)
    {
        using var key = SigningRequest.CreateKey();
        var credential = await new Enrollment.EnrollmentClient(Connect(null)).EnrollAsync(new EnrollRequest
        {
            TokenId = id,
            TokenSecret = secret,
            WorkerName = name,
            SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key)),
        });
        using var certificate = X509CertificateLoader.LoadCertificate(credential.Certificate.Span);
        return certificate.CopyWithPrivateKey(key);
    }

    private static async Task<X509Certificate2> RenewAsync(GrpcChannel channel)
    {
        using var key = SigningRequest.CreateKey();
        var credential = await new Enrollment.EnrollmentClient(channel).RenewAsync(new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key)) });
        using var certificate = X509CertificateLoader.LoadCertificate(credential.Certificate.Span);
        return certificate.CopyWithPrivateKey(key);
    }

    private PeerRefusal? Judge(X509Certificate2 certificate, ClusterAuthority authority) =>
        PeerCertificates.Judge(certificate, PeerUse.Client, new TrustedAuthorities(authority.Certificate), RevocationList.Empty, _time.GetUtcNow()).Refusal;

    /// <summary>What the coordinator knows when it has looked again.</summary>
    private ClusterAuthorities Look(ClusterAuthorities changed)
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        _security.LookForChanges();
        Assert.Equal(changed.Signing.Pin, _security.Authorities.Signing.Pin);
        return _security.Authorities;
    }

    private async Task<StatusCode> EnrollFailsAsync(string name, string id, string secret) =>
        (await Assert.ThrowsAsync<RpcException>(() => EnrollAsync(name, id, secret))).StatusCode;

    private X509Certificate2 Issue(ClusterAuthority authority, PeerName name)
    {
        using var key = SigningRequest.CreateKey();
        using var certificate = authority.Issue(name, new PublicKey(key), _time.GetUtcNow(), TimeSpan.FromHours(24));
        return certificate.CopyWithPrivateKey(key);
    }

    private GrpcChannel Connect(X509Certificate2? certificate)
    {
        var credentials = new PeerCredentials(_security.Credentials.Authorities, () => certificate!, _time);
        var options = credentials.ClientOptions(peer => peer == PeerName.Coordinator, null);
        if (certificate is null) options.LocalCertificateSelectionCallback = null;
        var channel = GrpcChannel.ForAddress($"https://{_listener.EndPoint}", new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { SslOptions = options }, DisposeHttpClient = true });
        _opened.Add(channel);
        return channel;
    }

    private string[] Lines() => File.ReadAllLines(_folder.AuditPath);

    private string[] Audit() => [.. Lines().Select(line =>
    {
        var entry = JsonDocument.Parse(line).RootElement;
        return $"{entry.GetProperty("event")} {entry.GetProperty("outcome")} {(entry.TryGetProperty("worker", out var worker) ? worker : "")}";
    })];

    private string Field(int line, string name) => JsonDocument.Parse(Lines()[line]).RootElement.GetProperty(name).GetString()!;

    private void AssertNoSecret(JoinToken token)
    {
        foreach (var file in Directory.GetFiles(_path)) Assert.DoesNotContain(token.Secret, File.ReadAllText(file));
        Assert.All(_log, line => Assert.DoesNotContain(token.Secret, line));
    }
}
