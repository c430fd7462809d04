using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>The coordinator's own certificate, in memory only: its authority is at hand, so it makes itself the next when two thirds are over, or the authority is another.</summary>
internal sealed class CoordinatorIdentity(Func<ClusterAuthority> authority, TimeSpan life, TimeProvider time)
{
    private readonly Lock _lock = new();
    private X509Certificate2? _current;
    private ClusterAuthority? _issuer;
    private DateTimeOffset _renewal;

    public X509Certificate2 Current
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetUtcNow();
                var issuer = authority();
                if (_current is not null && now < _renewal && issuer == _issuer) return _current;

                // The one before is left to the collector: a handshake may be using it.
                using var key = SigningRequest.CreateKey();
                using var certificate = issuer.Issue(PeerName.Coordinator, new PublicKey(key), now, life);
                _issuer = issuer;
                _renewal = now + life * 2 / 3;
                return _current = certificate.CopyWithPrivateKey(key);
            }
        }
    }
}
