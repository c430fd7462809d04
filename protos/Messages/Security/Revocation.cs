namespace Cluster.Protos.Security;

/// <summary>A worker whose certificates are worth nothing any more.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="IssuedUntil">
/// Those that were issued up to then; <see cref="DateTimeOffset.MaxValue"/> while it gets no new ones either.
/// </param>
public readonly record struct Revocation(string Worker, DateTimeOffset IssuedUntil);
