using Cluster.Coordinator.Api.Keys;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>The join tokens in the coordinator's folder, as hashes. Each call reads and writes them under the folder's lock.</summary>
internal sealed class JoinTokenStore(SecurityFolder folder, TimeProvider time)
{
    /// <summary>How long tokens that have ended are still listed.</summary>
    private static readonly TimeSpan s_remembered = TimeSpan.FromDays(7);

    public IReadOnlyList<JoinTokenEntry> List() => folder.Change(() => JoinTokenFormat.Read(folder.TokensPath));

    /// <summary>Makes a token, whose secret nobody can find out later.</summary>
    /// <param name="authority">Whose workers it is for.</param>
    /// <param name="life">How long it can be used.</param>
    /// <param name="uses">How often; null for any number.</param>
    /// <param name="label">What it is called.</param>
    public JoinToken Create(AuthorityPin authority, TimeSpan life, int? uses, string? label)
    {
        var now = time.GetUtcNow();
        var token = JoinToken.Create(authority);
        Rewrite(entries =>
        {
            entries.RemoveAll(entry => entry.Expires + s_remembered < now);
            entries.Add(new JoinTokenEntry(token.Id, KeyHash.Of(token.Secret), now + life, uses, label));
            return true;
        });
        return token;
    }

    /// <returns>False when there is no such token.</returns>
    public bool Revoke(string id) => Rewrite(entries => entries.RemoveAll(entry => entry.Id == id) > 0);

    /// <summary>Lets nobody in by any token there is.</summary>
    /// <returns>How many could still be used.</returns>
    public int RevokeAll()
    {
        var usable = 0;
        Rewrite(entries =>
        {
            usable = entries.Count(entry => entry.IsUsable(time.GetUtcNow()));
            entries.Clear();
            return true;
        });
        return usable;
    }

    /// <summary>Uses a token once, if it can be used and there is nothing else against it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="secret">Its secret.</param>
    /// <param name="check">What else stands against it; asked only for good tokens, so that nobody else learns anything.</param>
    /// <returns>Null when it was used.</returns>
    public JoinRefusal? Redeem(string id, string secret, Func<JoinRefusal?> check)
    {
        JoinRefusal? refusal = JoinRefusal.Token;
        var hash = KeyHash.Of(secret);
        Rewrite(entries =>
        {
            var index = entries.FindIndex(entry => entry.Id == id);
            if (index < 0 || !entries[index].Hash.IsSame(hash) || !entries[index].IsUsable(time.GetUtcNow())) return false;
            refusal = check();
            if (refusal is not null || entries[index].UsesLeft is not { } uses) return false;
            entries[index] = entries[index] with { UsesLeft = uses - 1 };
            return true;
        });
        return refusal;
    }

    private bool Rewrite(Func<List<JoinTokenEntry>, bool> change) => folder.Change(() =>
    {
        var entries = JoinTokenFormat.Read(folder.TokensPath);
        var isChanged = change(entries);
        if (isChanged) SecretFile.Write(folder.TokensPath, JoinTokenFormat.Write(entries));
        return isChanged;
    });
}
