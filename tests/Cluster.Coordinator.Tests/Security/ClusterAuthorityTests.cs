using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Coordinator.Security;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Tests.Security;

public sealed class ClusterAuthorityTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan s_day = TimeSpan.FromHours(24);

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly ClusterAuthority _authority = ClusterAuthority.Create(s_now);

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(PeerUse.Server)]
    [InlineData(PeerUse.Client)]
    public void ItsCertificatesAreGoodForBothEnds(PeerUse use)
    {
        using var worker = Issue(PeerName.OfWorker("w-1.a_B"));
        using var coordinator = Issue(PeerName.Coordinator);

        Assert.Equal(new PeerVerdict(PeerName.OfWorker("w-1.a_B"), null), Judge(worker, s_now, use));
        Assert.Equal(new PeerVerdict(PeerName.Coordinator, null), Judge(coordinator, s_now, use));
        Assert.NotEqual(worker.SerialNumber, coordinator.SerialNumber);
    }

    [Fact]
    public void CertificatesEndAndBegin()
    {
        using var certificate = Issue(PeerName.OfWorker("w"));

        Assert.Equal(s_now, PeerCertificates.IssuedAt(certificate));
        Assert.Null(Judge(certificate, s_now - TimeSpan.FromMinutes(4)).Refusal);
        Assert.Null(Judge(certificate, s_now + s_day - TimeSpan.FromSeconds(1)).Refusal);
        Assert.Equal(PeerRefusal.Expired, Judge(certificate, s_now + s_day + TimeSpan.FromSeconds(1)).Refusal);
        Assert.Equal(PeerRefusal.Expired, Judge(certificate, s_now - TimeSpan.FromMinutes(6)).Refusal);
    }

    [Fact]
    public void AnotherAuthoritysAreRefusedAlsoUnderTheSameName()
    {
        using var other = ClusterAuthority.Create(s_now);
        using var key = SigningRequest.CreateKey();
        using var certificate = other.Issue(PeerName.Coordinator, new PublicKey(key), s_now, s_day);

        Assert.Equal(PeerRefusal.OtherCluster, Judge(certificate, s_now).Refusal);
        Assert.Equal(PeerRefusal.OtherCluster, Judge(certificate, s_now + 2 * s_day).Refusal);
        Assert.Equal(PeerRefusal.NoCertificate, Judge(null, s_now).Refusal);
    }

    [Fact]
    public void SelfSignedOnesAndTheAuthoritysOwnAreRefused()
    {
        using var key = SigningRequest.CreateKey();
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(PeerName.Coordinator.ToUri(_authority.Pin.ClusterId));
        var request = new CertificateRequest("CN=coordinator", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(s_now, s_now + s_day);

        Assert.Equal(PeerRefusal.OtherCluster, Judge(certificate, s_now).Refusal);
        Assert.Equal(PeerRefusal.WrongRole, Judge(_authority.Certificate, s_now).Refusal);
    }

    [Fact]
    public void ARevocationCountsForWhatWasIssuedBefore()
    {
        using var certificate = Issue(PeerName.OfWorker("w"));
        using var other = Issue(PeerName.OfWorker("v"));

        Assert.Equal(PeerRefusal.Revoked, Judge(certificate, s_now, revoked: [new Revocation("w", DateTimeOffset.MaxValue)]).Refusal);
        Assert.Equal(PeerRefusal.Revoked, Judge(certificate, s_now, revoked: [new Revocation("w", s_now)]).Refusal);
        Assert.Null(Judge(certificate, s_now, revoked: [new Revocation("w", s_now - TimeSpan.FromSeconds(1))]).Refusal);
        Assert.Null(Judge(other, s_now, revoked: [new Revocation("w", DateTimeOffset.MaxValue)]).Refusal);
    }

    [Fact]
    public void ItIsMadeOnceAndItsKeyIsForItsOwnerAlone()
    {
        var folder = new SecurityFolder(Path.Combine(_folder, "state"));
        var store = new AuthorityStore(folder, new ManualTimeProvider());
        using var made = store.Open().Present;
        using var read = store.Open().Present;

        Assert.Equal(made.Pin, read.Pin);
        using var certificate = Issue(PeerName.OfWorker("w"), read);
        Assert.Null(PeerCertificates.Judge(certificate, PeerUse.Client, new TrustedAuthorities(made.Certificate), RevocationList.Empty, s_now).Refusal);
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.AuthorityKeyPath));
        File.SetUnixFileMode(folder.AuthorityKeyPath, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Assert.Throws<ClusterException>(store.Open).Message);
    }

    [Fact]
    public void SigningRequestsAreOfThisCurveAndSignedByTheirKey()
    {
        using var key = SigningRequest.CreateKey();
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = SigningRequest.Create(key);
        var damaged = (byte[])[.. request];
        damaged[^1] ^= 1;

        Assert.Equal(key.ExportSubjectPublicKeyInfo(), SigningRequest.Read(request)!.ExportSubjectPublicKeyInfo());
        Assert.Null(SigningRequest.Read(SigningRequest.Create(large)));
        Assert.Null(SigningRequest.Read(damaged));
        Assert.Null(SigningRequest.Read([.. request, 0]));
        Assert.Null(SigningRequest.Read([]));
    }

    [Fact]
    public void TheCoordinatorRenewsItsOwn()
    {
        var time = new ManualTimeProvider();
        using var authority = ClusterAuthority.Create(time.GetUtcNow());
        var identity = new CoordinatorIdentity(() => authority, s_day, time);
        var first = identity.Current;
        time.Advance(s_day * 0.6);
        Assert.Same(first, identity.Current);
        time.Advance(s_day * 0.1);

        Assert.NotEqual(first.SerialNumber, identity.Current.SerialNumber);
        Assert.True(identity.Current.HasPrivateKey);
    }

    private X509Certificate2 Issue(PeerName name, ClusterAuthority? authority = null)
    {
        using var key = SigningRequest.CreateKey();
        return (authority ?? _authority).Issue(name, new PublicKey(key), s_now, s_day);
    }

    private PeerVerdict Judge(X509Certificate2? certificate, DateTimeOffset now, PeerUse use = PeerUse.Client, Revocation[]? revoked = null) =>
        PeerCertificates.Judge(certificate, use, new TrustedAuthorities(_authority.Certificate), new RevocationList(revoked ?? []), now);
}
