using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.Protos.Tests.Security;

public sealed class JoinTokenTests
{
    [Fact]
    public void ATokenIsReadBackFromWhatItReveals()
    {
        var pin = NewPin();
        var token = JoinToken.Create(pin);

        var read = JoinToken.Parse($" {token.Reveal()}\n")!;

        Assert.Equal((token.Id, token.Secret, pin), (read.Id, read.Secret, read.Authority));
        Assert.NotEqual(token.Secret, JoinToken.Create(pin).Secret);
    }

    [Fact]
    public void ATokenIsNamedWithoutItsSecret()
    {
        var token = JoinToken.Create(NewPin());

        Assert.DoesNotContain(token.Secret, $"{token}");
        Assert.Equal(token.Id, $"{token}");
    }

    [Fact]
    public void WhatIsNoTokenIsNotRead()
    {
        var whole = JoinToken.Create(NewPin()).Reveal();
        var parts = whole.Split('.');

        foreach (var text in (string[])["", "a.b.c", whole[..^1], $"{whole}x", $"{parts[0]}.{parts[1]}", $"{parts[0].ToUpperInvariant()}x.{parts[1]}.{parts[2]}", $"{whole}.{parts[2]}"])
            Assert.Null(JoinToken.Parse(text));
    }

    [Fact]
    public void APinIsOfTheKeyAndNotOfTheCertificate()
    {
        using var key = SigningRequest.CreateKey();
        var request = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256);
        using var first = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        using var second = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(2));

        Assert.Equal(AuthorityPin.Of(first), AuthorityPin.Of(second));
        Assert.Equal(AuthorityPin.Of(first), AuthorityPin.Parse($"{AuthorityPin.Of(first)}"));
        Assert.NotEqual(AuthorityPin.Of(first), NewPin());
    }

    private static AuthorityPin NewPin()
    {
        using var key = SigningRequest.CreateKey();
        using var certificate = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        return AuthorityPin.Of(certificate);
    }
}
