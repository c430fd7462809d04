using Cluster.Coordinator.Security;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Tests.Security;

public sealed class StoresTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory().FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly SecurityFolder _folder;
    private readonly JoinTokenStore _tokens;
    private readonly RevocationStore _revocations;

    public StoresTests()
    {
        _folder = new SecurityFolder(_path);
        _tokens = new JoinTokenStore(_folder, _time);
        _revocations = new RevocationStore(_folder, _time);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void TheFileKnowsNoSecret()
    {
        var token = Create(uses: 3, label: "lab");

        var text = File.ReadAllText(_folder.TokensPath);

        Assert.DoesNotContain(token.Secret, text);
        var entry = Assert.Single(_tokens.List());
        Assert.Equal((token.Id, 3, "lab"), (entry.Id, entry.UsesLeft, entry.Label));
        Assert.Equal(text, JoinTokenFormat.Write(_tokens.List()));
    }

    [Fact]
    public void ATokenIsGoodUntilItsUsesAreOver()
    {
        var token = Create(uses: 2);

        Assert.Null(Redeem(token));
        Assert.Equal(JoinRefusal.Request, _tokens.Redeem(token.Id, token.Secret, () => JoinRefusal.Request));
        Assert.Null(Redeem(token));
        Assert.Equal(JoinRefusal.Token, Redeem(token));
    }

    [Fact]
    public void ATokenIsGoodUntilItEndsOrIsRevoked()
    {
        var token = Create();
        var other = Create();
        Assert.True(_tokens.Revoke(other.Id));
        Assert.False(_tokens.Revoke(other.Id));
        Assert.Equal(JoinRefusal.Token, Redeem(other));
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.Null(Redeem(token));
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(JoinRefusal.Token, Redeem(token));
    }

    [Fact]
    public void AWrongSecretIsNotAskedAnythingElse()
    {
        var token = Create();
        var wrong = Create().Secret;

        Assert.Equal(JoinRefusal.Token, _tokens.Redeem(token.Id, wrong, () => throw new InvalidOperationException("A stranger learns who is here.")));
        Assert.Equal(JoinRefusal.Token, _tokens.Redeem("000000000000", token.Secret, () => null));
    }

    [Fact]
    public void AWrongLineIsNamedWithoutWhatItSays()
    {
        File.WriteAllText(_folder.TokensPath, "# by hand\n0123456789ab s3cret expires=2030-01-01T00:00:00Z\n");

        var problem = Assert.Throws<ClusterException>(_tokens.List).Message;

        Assert.Contains("line 2", problem);
        Assert.DoesNotContain("s3cret", problem);
    }

    [Fact]
    public void ALiftedRevocationStaysForOldCertificates()
    {
        var before = _time.GetUtcNow();
        Assert.False(_revocations.Lift("w"));
        _revocations.Revoke("w");
        Assert.True(_revocations.ReadList().Includes("w", before + TimeSpan.FromDays(1)));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.True(_revocations.Lift("w"));

        var list = _revocations.ReadList();

        Assert.True(list.Includes("w", before));
        Assert.True(list.Includes("w", _time.GetUtcNow()));
        Assert.False(list.Includes("w", _time.GetUtcNow() + TimeSpan.FromSeconds(1)));
        Assert.Equal(list.Entries, list.ToNotice().ToList().Entries);
    }

    private JoinToken Create(int? uses = null, string? label = null)
    {
        using var authority = new AuthorityStore(_folder, _time).Open().Present;
        return _tokens.Create(authority.Pin, TimeSpan.FromHours(1), uses, label);
    }

    private JoinRefusal? Redeem(JoinToken token) => _tokens.Redeem(token.Id, token.Secret, () => null);
}
