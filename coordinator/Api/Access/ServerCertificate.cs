using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Coordinator.Api.Access;

/// <summary>The certificate that the API shows, read again when its files change.</summary>
/// <exception cref="ClusterException">It cannot be read.</exception>
internal sealed class ServerCertificate(TlsFiles files, Action<string> log, TimeProvider time)
{
    private readonly WatchedFile<SslStreamCertificateContext> _file = new([files.CertificatePath, files.KeyPath], () => Read(files), log, time);

    public SslServerAuthenticationOptions Options => new() { ServerCertificateContext = _file.Current };

    private static SslStreamCertificateContext Read(TlsFiles files)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(files.CertificatePath);
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(files.CertificatePath, files.KeyPath), chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ClusterException($"{files.CertificatePath} and {files.KeyPath} are no certificate with its key: {e.Message}");
        }
    }
}
