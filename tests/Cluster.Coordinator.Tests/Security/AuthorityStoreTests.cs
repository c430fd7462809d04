using Cluster.Coordinator.Security;

namespace Cluster.Coordinator.Tests.Security;

public sealed class AuthorityStoreTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory().FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly SecurityFolder _folder;
    private readonly AuthorityStore _store;

    public AuthorityStoreTests()
    {
        _folder = new SecurityFolder(_path);
        _store = new AuthorityStore(_folder, _time);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void TheNextTakesThePresentOnesPlaceWhenItsLastCertificatesHaveEnded()
    {
        var first = _store.Open().Present;
        var rotated = _store.Rotate();
        Assert.Equal(first.Pin, rotated.Present.Pin);
        Assert.NotEqual(first.Pin, rotated.Signing.Pin);
        Assert.Equal(rotated.Signing.Pin, _store.Read().Signing.Pin);

        _time.Advance(TimeSpan.FromHours(24));
        Assert.Contains("--now", Assert.Throws<ClusterException>(() => _store.Retire(now: false)).Message);
        _time.Advance(TimeSpan.FromMinutes(2));
        _store.Retire(now: false);

        Assert.Equal((rotated.Signing.Pin, null), (_store.Read().Present.Pin, _store.Read().Next));
        Assert.NotEqual(rotated.Signing.Pin, _store.Rotate().Signing.Pin);
    }

    [Fact]
    public void OneIsReplacedAtATime()
    {
        Assert.Contains(_path, Assert.Throws<ClusterException>(_store.Rotate).Message);
        _store.Open();
        Assert.Contains("ca rotate", Assert.Throws<ClusterException>(() => _store.Retire(now: true)).Message);
        _store.Rotate();

        Assert.Contains("ca retire", Assert.Throws<ClusterException>(_store.Rotate).Message);
    }

    [Fact]
    public void WhatACrashLeavesIsTakenUp()
    {
        _store.Open();
        var next = _store.Rotate().Signing;

        // In the midst of Retire.
        File.Move(_folder.NextAuthorityPath, _folder.AuthorityPath, overwrite: true);
        Assert.Equal((next.Pin, null), (_store.Read().Present.Pin, _store.Read().Next));

        // In the midst of Rotate.
        _store.Rotate();
        File.Delete(_folder.NextAuthorityKeyPath);
        Assert.Equal((next.Pin, null), (_store.Read().Present.Pin, _store.Read().Next));
        Assert.NotEqual(next.Pin, _store.Rotate().Signing.Pin);
    }
}
