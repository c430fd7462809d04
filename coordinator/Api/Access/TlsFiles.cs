namespace Cluster.Coordinator.Api.Access;

/// <summary>A certificate and its key, as PEM.</summary>
/// <param name="CertificatePath">The server's certificate first, then those that lead from it to a root.</param>
/// <param name="KeyPath">Its private key, not encrypted.</param>
internal sealed record TlsFiles(string CertificatePath, string KeyPath);
