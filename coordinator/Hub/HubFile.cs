namespace Cluster.Coordinator.Hub;

/// <summary>A file of a repository.</summary>
/// <param name="Path">Within the repository.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal; null where the server does not tell.</param>
internal sealed record HubFile(string Path, long Size, string? Sha256);
