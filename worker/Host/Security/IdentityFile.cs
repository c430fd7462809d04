using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.Worker.Security;

/// <summary>A worker's certificate, key and authority on disk, readable by its owner alone.</summary>
internal sealed class IdentityFile(string path)
{
    /// <param name="cacheFolder">The worker's cache folder.</param>
    /// <param name="worker">Its name.</param>
    public static IdentityFile Of(string cacheFolder, string worker) => new(Path.Combine(cacheFolder, "identity", $"{worker}.pem"));

    /// <summary>Null when there is none that can be used.</summary>
    public (X509Certificate2 Certificate, X509Certificate2 Authority)? Read() => File.Exists(path) ? PeerIdentityPem.Read(File.ReadAllText(path)) : null;

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        SecretFile.Write(path, PeerIdentityPem.Write(certificate, key, authority));
    }
}
