namespace Cluster.Model.KvCache.Files;

/// <summary>Which model file keys and values were computed with.</summary>
/// <param name="Length">The file's bytes.</param>
/// <param name="HeaderSha256">SHA-256 of everything before its tensor data, as 64 lower-case hexadecimal digits.</param>
public sealed record ModelIdentity(long Length, string HeaderSha256);
