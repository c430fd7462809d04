using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.Worker.Security;

/// <summary>A worker's certificate, key and trusted authorities on disk, readable by its owner alone.</summary>
internal sealed class IdentityFile(string path)
{
    /// <param name="cacheFolder">The worker's cache folder.</param>
    /// <param name="worker">Its name.</param>
    public static IdentityFile Of(string cacheFolder, string worker) => new(Path.Combine(cacheFolder, "identity", $"{worker}.pem"));

    /// <summary>Null when there is none that can be used.</summary>
    public (X509Certificate2 Certificate, TrustedAuthorities Authorities)? Read() => File.Exists(path) ? PeerIdentityPem.Read(File.ReadAllText(path)) : null;

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(X509Certificate2 certificate, TrustedAuthorities authorities)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        SecretFile.Write(path, PeerIdentityPem.Write(certificate, key, authorities));
    }
}
