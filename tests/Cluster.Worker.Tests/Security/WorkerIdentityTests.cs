using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Hosting;
using Cluster.Worker.Security;
using Cluster.Worker.Tests.Support;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Worker.Tests.Security;

public sealed class WorkerIdentityTests : IDisposable
{
    private static readonly SecurityLog s_log = new(NullLogger<SecurityLog>.Instance);

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly TestAuthority _authority;

    public WorkerIdentityTests() => _authority = new TestAuthority(_time);

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ItIsRenewedAtTwoThirdsOfItsLifeAndAgainWhenThatFails()
    {
        var source = new Source(this);
        var file = IdentityFile.Of(_folder, "w");
        var first = _authority.Issue(PeerName.OfWorker("w"), null, TimeSpan.FromHours(24));
        var identity = new WorkerIdentity(first, new TrustedAuthorities(_authority.Certificate), source, file, s_log, _time);
        using var ending = new CancellationTokenSource();
        var keeping = identity.KeepAsync(ending.Token);
        await TimerAsync();

        // Past the time by less than it waits before the next try.
        _time.Advance(TimeSpan.FromHours(16) - TimeSpan.FromSeconds(30));
        Assert.Equal(0, source.Calls);
        source.Fails = true;
        _time.Advance(TimeSpan.FromMinutes(1));
        await TimerAsync();
        Assert.Equal(1, source.Calls);
        Assert.Same(first, identity.Certificate);

        source.Fails = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        await TimerAsync();
        Assert.Equal(2, source.Calls);
        Assert.NotEqual(first.SerialNumber, identity.Certificate.SerialNumber);
        Assert.Equal(identity.Certificate.SerialNumber, file.Read()!.Value.Certificate.SerialNumber);

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task ItIsRenewedWhenAnotherAuthoritySignsCertificates()
    {
        using var next = new TestAuthority(_time);
        var source = new Source(this) { Authority = next };
        var file = IdentityFile.Of(_folder, "w");
        var first = _authority.Issue(PeerName.OfWorker("w"), null, TimeSpan.FromHours(24));
        var identity = new WorkerIdentity(first, new TrustedAuthorities(_authority.Certificate), source, file, s_log, _time);
        using var ending = new CancellationTokenSource();
        var keeping = identity.KeepAsync(ending.Token);
        await TimerAsync();

        identity.Credentials.Authorities = new TrustedAuthorities(_authority.Certificate, next.Certificate);
        await UntilAsync(() => _time.TimerCount == 1 && file.Read() is { Authorities.All.Count: 2 });
        Assert.Equal((0, first.SerialNumber), (source.Calls, file.Read()!.Value.Certificate.SerialNumber));

        _time.Advance(TimeSpan.FromSeconds(3));
        await UntilAsync(() => source.Calls == 1 && _time.TimerCount == 1);
        Assert.Equal(identity.Certificate.SerialNumber, file.Read()!.Value.Certificate.SerialNumber);

        // It has what it wants: nothing more is asked for when the first authority counts no more.
        identity.Credentials.Authorities = new TrustedAuthorities(next.Certificate);
        await UntilAsync(() => file.Read() is { Authorities.All.Count: 1 });
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, source.Calls);

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task TheOneOfTheLastTimeIsUsedWhileItIsGoodAndForNobodyElseToRead()
    {
        var file = IdentityFile.Of(_folder, "w");
        var kept = _authority.Issue(PeerName.OfWorker("w"));
        file.Write(kept, new TrustedAuthorities(_authority.Certificate));

        var identity = await StartAsync("w");

        Assert.Equal(kept.SerialNumber, identity.Certificate.SerialNumber);
        Assert.True(identity.Certificate.HasPrivateKey);
        var path = Assert.Single(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        _time.Advance(TimeSpan.FromHours(2));
        Assert.Contains("--join-token-file", (await Assert.ThrowsAsync<WorkerException>(() => StartAsync("w"))).Message);
    }

    [Fact]
    public async Task AnotherNamesIsOfNoUse()
    {
        IdentityFile.Of(_folder, "v").Write(_authority.Issue(PeerName.OfWorker("w")), new TrustedAuthorities(_authority.Certificate));

        await Assert.ThrowsAsync<WorkerException>(() => StartAsync("v"));
        await Assert.ThrowsAsync<WorkerException>(() => StartAsync("../v"));
    }

    private Task<WorkerIdentity> StartAsync(string name) => new IdentityStart(Options(), name, s_log, _time).ObtainAsync(TextReader.Null, CancellationToken.None);

    private WorkerOptions Options() => new() { Coordinator = new HostPort("127.0.0.1", 9), Listen = new HostPort("127.0.0.1", 0), Device = "cpu", CachePath = _folder };

    /// <summary>The identity waits for a time again.</summary>
    private Task TimerAsync() => UntilAsync(() => _time.TimerCount > 0);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Source(WorkerIdentityTests tests) : ICertificateSource
    {
        public int Calls { get; private set; }

        public bool Fails { get; set; }

        public TestAuthority Authority { get; init; } = tests._authority;

        public Task<X509Certificate2> RenewAsync(PeerCredentials credentials, bool isWorthless, CancellationToken cancellationToken)
        {
            Calls++;
            if (Fails) throw new RpcException(new Status(StatusCode.Unavailable, "not now"));
            return Task.FromResult(Authority.Issue(PeerName.OfWorker("w"), null, TimeSpan.FromHours(24)));
        }
    }
}
