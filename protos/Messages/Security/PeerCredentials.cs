using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Protos.Security;

/// <summary>
/// What a program of the cluster shows to others and judges them by: mutual TLS 1.3, with certificates of the cluster's own authority. Safe for
/// use from any thread; a renewed certificate, other authorities and a new list of revocations count from the next connection on.
/// </summary>
/// <param name="authorities">Whose certificates count at first.</param>
/// <param name="own">This program's present certificate, with its key.</param>
/// <param name="time">What certificates are judged by.</param>
public sealed class PeerCredentials(TrustedAuthorities authorities, Func<X509Certificate2> own, TimeProvider time)
{
    private volatile TrustedAuthorities _authorities = authorities;
    private volatile RevocationList _revoked = RevocationList.Empty;
    private volatile Shown? _shown;

    /// <summary>Told of every peer that is refused: where it is, who it says it is, and why.</summary>
    public event Action<string?, PeerVerdict>? Refused;

    /// <summary>Told of other authorities than before.</summary>
    public event Action? AuthoritiesChanged;

    public TrustedAuthorities Authorities
    {
        get => _authorities;
        set
        {
            if (value.IsSame(_authorities)) return;
            _authorities = value;
            AuthoritiesChanged?.Invoke();
        }
    }

    public RevocationList Revoked
    {
        get => _revoked;
        set => _revoked = value;
    }

    /// <summary>Judges what a peer showed; a refusal is told.</summary>
    /// <param name="certificate">Null for none.</param>
    /// <param name="use">The peer's end of the connection.</param>
    /// <param name="isWanted">Whether it is one that this connection is for.</param>
    /// <param name="address">Where it is.</param>
    public PeerVerdict Judge(X509Certificate2? certificate, PeerUse use, Predicate<PeerName> isWanted, string? address)
    {
        var verdict = PeerCertificates.Judge(certificate, use, _authorities, _revoked, time.GetUtcNow());
        if (verdict is { Refusal: null, Peer: { } peer } && !isWanted(peer)) verdict = verdict with { Refusal = PeerRefusal.WrongRole };
        if (verdict.Refusal is not null) Refused?.Invoke(address, verdict);
        return verdict;
    }

    /// <summary>For connections that this program makes.</summary>
    /// <param name="isWanted">Whom they are for.</param>
    /// <param name="address">Where it is.</param>
    public SslClientAuthenticationOptions ClientOptions(Predicate<PeerName> isWanted, string? address) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        LocalCertificateSelectionCallback = (_, _, _, _, _) => own(),
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsLetIn(certificate, PeerUse.Server, isWanted, address),
    };

    /// <summary>For connections that peers make: who is not wanted does not get past the handshake.</summary>
    /// <inheritdoc cref="ClientOptions"/>
    public SslServerAuthenticationOptions ServerOptions(Predicate<PeerName> isWanted, string? address)
    {
        var options = OpenServerOptions();
        options.RemoteCertificateValidationCallback = (_, certificate, _, _) => IsLetIn(certificate, PeerUse.Client, isWanted, address);
        return options;
    }

    /// <summary>For connections that are judged afterwards, call by call.</summary>
    public SslServerAuthenticationOptions OpenServerOptions() => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        AllowRenegotiation = false,
        ServerCertificateContext = Context(),
        ClientCertificateRequired = true,
#pragma warning disable CA5359 // What was shown is judged before anything is answered; see the summary.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private bool IsLetIn(X509Certificate? certificate, PeerUse use, Predicate<PeerName> isWanted, string? address) =>
        Judge(certificate as X509Certificate2, use, isWanted, address).Refusal is null;

    /// <summary>Made once for a certificate: it takes longer than a handshake.</summary>
    private SslStreamCertificateContext Context()
    {
        var certificate = own();
        if (_shown is { } shown && ReferenceEquals(shown.Certificate, certificate)) return shown.Context;
        var context = SslStreamCertificateContext.Create(certificate, null, offline: true);
        _shown = new Shown(certificate, context);
        return context;
    }

    private sealed record Shown(X509Certificate2 Certificate, SslStreamCertificateContext Context);
}
