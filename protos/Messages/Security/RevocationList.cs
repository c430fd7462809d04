using System.Collections.Frozen;

namespace Cluster.Protos.Security;

/// <summary>Who was revoked. Immutable.</summary>
public sealed class RevocationList
{
    private readonly FrozenDictionary<string, DateTimeOffset> _issuedUntil;

    public RevocationList(IEnumerable<Revocation> revocations) =>
        _issuedUntil = revocations.GroupBy(entry => entry.Worker).ToFrozenDictionary(group => group.Key, group => group.Max(entry => entry.IssuedUntil));

    public static RevocationList Empty { get; } = new([]);

    public IEnumerable<Revocation> Entries => _issuedUntil.Select(entry => new Revocation(entry.Key, entry.Value));

    /// <param name="worker">A worker's name.</param>
    /// <param name="issued">When its certificate was issued.</param>
    public bool Includes(string worker, DateTimeOffset issued) => _issuedUntil.TryGetValue(worker, out var until) && issued <= until;
}
