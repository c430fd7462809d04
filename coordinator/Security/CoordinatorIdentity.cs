using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>The coordinator's own certificate, in memory only: its authority is at hand, so it makes itself the next when two thirds are over.</summary>
internal sealed class CoordinatorIdentity(ClusterAuthority authority, TimeSpan life, TimeProvider time)
{
    private readonly Lock _lock = new();
    private X509Certificate2? _current;
    private DateTimeOffset _renewal;

    public X509Certificate2 Current
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetUtcNow();
                if (_current is not null && now < _renewal) return _current;

                // The one before is left to the collector: a handshake may be using it.
                using var key = SigningRequest.CreateKey();
                using var certificate = authority.Issue(PeerName.Coordinator, new PublicKey(key), now, life);
                _renewal = now + life * 2 / 3;
                return _current = certificate.CopyWithPrivateKey(key);
            }
        }
    }
}
