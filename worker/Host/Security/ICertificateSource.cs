using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;
using Grpc.Core;

namespace Cluster.Worker.Security;

/// <summary>Where a worker's next certificate comes from.</summary>
internal interface ICertificateSource
{
    /// <param name="credentials">The present ones.</param>
    /// <param name="isWorthless">The certificate has ended, or no authority that counts signed it: another way is needed.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="RpcException">There is none now.</exception>
    Task<X509Certificate2> RenewAsync(PeerCredentials credentials, bool isWorthless, CancellationToken cancellationToken);
}
