using System.Security.Cryptography.X509Certificates;
using Cluster.Coordinator.Api;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>Everything of a coordinator whose cluster talks over TLS: its authority, who may join, who may not any more.</summary>
internal sealed class ClusterSecurity
{
    /// <summary>How long certificates last. They are renewed when two thirds of it are over.</summary>
    public static readonly TimeSpan CertificateLife = TimeSpan.FromHours(24);

    private readonly WatchedFile<ClusterAuthorities>? _watched;
    private readonly WatchedFile<RevocationList>? _revoked;
    private readonly TimeProvider _time;
    private volatile ClusterAuthorities _authorities;

    private ClusterSecurity(ClusterAuthorities authorities, SecurityFolder? folder, JoinRefusals refusals, Action<string> log, TimeProvider time)
    {
        _time = time;
        _authorities = authorities;
        var identity = new CoordinatorIdentity(() => Authorities.Present, CertificateLife, time);
        Credentials = new PeerCredentials(authorities.Trusted, () => identity.Current, time);
        Audit = new JoinAudit(folder?.AuditPath, refusals, log, time);
        if (folder is null) return;

        Tokens = new JoinTokenStore(folder, time);
        _watched = new WatchedFile<ClusterAuthorities>([folder.AuthorityPath, folder.NextAuthorityKeyPath], new AuthorityStore(folder, time).Read, log, time);
        _revoked = new WatchedFile<RevocationList>([folder.RevocationsPath], new RevocationStore(folder, time).ReadList, log, time);
        Credentials.Revoked = _revoked.Current;
        LookForChanges();
    }

    /// <summary>Told of a new list of revoked workers.</summary>
    public event Action<RevocationList>? RevocationsChanged;

    public ClusterAuthorities Authorities => _authorities;

    /// <summary>Its <see cref="PeerCredentials.AuthoritiesChanged"/> tells of a rotation, and of its end.</summary>
    public PeerCredentials Credentials { get; }

    public JoinAudit Audit { get; }

    /// <summary>Null where nobody can join but those who are started with a certificate.</summary>
    public JoinTokenStore? Tokens { get; }

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>That of a folder; an authority is made there the first time.</summary>
    /// <exception cref="ClusterException">What is there is not what it must be.</exception>
    public static ClusterSecurity Open(SecurityFolder folder, JoinRefusals refusals, Action<string> log, TimeProvider time) =>
        new(new AuthorityStore(folder, time).Open(), folder, refusals, log, time);

    /// <summary>One that lives as long as this program, for workers that it starts itself.</summary>
    public static ClusterSecurity CreatePassing(TimeProvider time) => new(new ClusterAuthorities(ClusterAuthority.Create(time.GetUtcNow())), null, new JoinRefusals(), static _ => { }, time);

    /// <summary>Takes note of authorities that are other ones since the last look and of workers that were revoked, at most once a second.</summary>
    public void LookForChanges()
    {
        if (_watched?.Current is { } authorities && !ReferenceEquals(authorities, _authorities))
        {
            _authorities = authorities;
            Credentials.Authorities = authorities.Trusted;
        }

        if (_revoked?.Current is not { } list || ReferenceEquals(list, Credentials.Revoked)) return;
        Credentials.Revoked = list;
        RevocationsChanged?.Invoke(list);
    }

    /// <summary>Certificate, key and authority, PEM, for a worker that this program starts: handed over in memory, never in a file or on a command line.</summary>
    public string CreateIdentity(string worker)
    {
        using var key = SigningRequest.CreateKey();
        using var certificate = Authorities.Signing.Issue(PeerName.OfWorker(worker), new PublicKey(key), Now, CertificateLife);
        return PeerIdentityPem.Write(certificate, key, Authorities.Trusted);
    }
}
