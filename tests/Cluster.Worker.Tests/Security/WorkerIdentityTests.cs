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
        var identity = new WorkerIdentity(first, _authority.Certificate, source, file, s_log, _time);
        using var ending = new CancellationTokenSource();
        var keeping = identity.KeepAsync(ending.Token);
        await TimerAsync();

        _time.Advance(TimeSpan.FromHours(15.9));
        Assert.Equal(0, source.Calls);
        source.Fails = true;
        _time.Advance(TimeSpan.FromHours(0.2));
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
    public async Task TheOneOfTheLastTimeIsUsedWhileItIsGoodAndForNobodyElseToRead()
    {
        var file = IdentityFile.Of(_folder, "w");
        var kept = _authority.Issue(PeerName.OfWorker("w"));
        file.Write(kept, _authority.Certificate);

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
        IdentityFile.Of(_folder, "v").Write(_authority.Issue(PeerName.OfWorker("w")), _authority.Certificate);

        await Assert.ThrowsAsync<WorkerException>(() => StartAsync("v"));
        await Assert.ThrowsAsync<WorkerException>(() => StartAsync("../v"));
    }

    private Task<WorkerIdentity> StartAsync(string name) => new IdentityStart(Options(), name, s_log, _time).ObtainAsync(TextReader.Null, CancellationToken.None);

    private WorkerOptions Options() => new() { Coordinator = new HostPort("127.0.0.1", 9), Listen = new HostPort("127.0.0.1", 0), Device = "cpu", CachePath = _folder };

    /// <summary>The identity waits for a time again.</summary>
    private async Task TimerAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_time.TimerCount == 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Source(WorkerIdentityTests tests) : ICertificateSource
    {
        public int Calls { get; private set; }

        public bool Fails { get; set; }

        public Task<X509Certificate2> RenewAsync(PeerCredentials credentials, bool hasEnded, CancellationToken cancellationToken)
        {
            Calls++;
            if (Fails) throw new RpcException(new Status(StatusCode.Unavailable, "not now"));
            return Task.FromResult(tests._authority.Issue(PeerName.OfWorker("w"), null, TimeSpan.FromHours(24)));
        }
    }
}
