using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Hosting;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Worker.Security;

/// <summary>
/// Gets certificates of the coordinator. The first time nothing is known of it but what the join token says: the authority is asked for and compared with
/// the token's pin, and only a connection that this authority vouches for sees the token's secret.
/// </summary>
internal sealed class EnrollmentClient(HostPort coordinator, string worker, JoinToken? token, SecurityLog log, TimeProvider time) : ICertificateSource
{
    /// <returns>Null when the coordinator's authority is not the token's.</returns>
    /// <exception cref="WorkerException">The coordinator is another than it says.</exception>
    /// <exception cref="RpcException">It is not there, or refuses.</exception>
    public async Task<(X509Certificate2 Certificate, TrustedAuthorities Authorities)?> EnrollAsync(JoinToken token, CancellationToken cancellationToken)
    {
        if (await FindAuthorityAsync(token.Authority, cancellationToken).ConfigureAwait(false) is not { } authority) return null;
        PeerRefusal? refusal = null;
        var trust = new PeerCredentials(new TrustedAuthorities(authority), static () => throw new InvalidOperationException("A stranger has no certificate."), time);
        trust.Refused += (_, verdict) => refusal = verdict.Refusal;
        var options = trust.ClientOptions(static peer => peer.Role == PeerRole.Coordinator, coordinator.ToString());
        options.LocalCertificateSelectionCallback = null;
        using var channel = PeerChannel.OpenOver(coordinator.ToString(), options);
        using var key = SigningRequest.CreateKey();
        try
        {
            var credential = await new Enrollment.EnrollmentClient(channel).EnrollAsync(
                new EnrollRequest
                {
                    TokenId = token.Id,
                    TokenSecret = token.Secret,
                    WorkerName = worker,
                    SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key)),
                },
                cancellationToken: cancellationToken);
            return Take(credential, key);
        }
        catch (RpcException) when (refusal is { } reason)
        {
            throw new WorkerException($"the program at {coordinator} is not the coordinator of the join token's cluster: {reason.Describe()}");
        }
    }

    public async Task<X509Certificate2> RenewAsync(PeerCredentials credentials, bool isWorthless, CancellationToken cancellationToken)
    {
        if (isWorthless && token is not null && await EnrollAsync(token, cancellationToken).ConfigureAwait(false) is { } enrolled)
        {
            credentials.Authorities = enrolled.Authorities;
            return enrolled.Certificate;
        }

        using var channel = PeerChannel.Open(coordinator.ToString(), credentials, PeerRole.Coordinator);
        using var key = SigningRequest.CreateKey();
        var request = new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key)) };
        var credential = await new Enrollment.EnrollmentClient(channel).RenewAsync(request, cancellationToken: cancellationToken);
        var (certificate, authorities) = Take(credential, key);
        credentials.Authorities = authorities;
        return certificate;
    }

    private async Task<X509Certificate2?> FindAuthorityAsync(AuthorityPin pin, CancellationToken cancellationToken)
    {
        using var channel = PeerChannel.OpenOver(coordinator.ToString(), new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
#pragma warning disable CA5359 // Nothing is known yet that it could be checked by, and nothing secret is said; the answer is checked by the pin.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        });
        var reply = await new Enrollment.EnrollmentClient(channel).GetAuthorityAsync(new GetAuthorityRequest(), cancellationToken: cancellationToken);
        try
        {
            var authority = X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
            if (AuthorityPin.Of(authority) == pin) return authority;
        }
        catch (CryptographicException)
        {
            // No certificate: not the one that is wanted either.
        }

        return null;
    }

    private (X509Certificate2 Certificate, TrustedAuthorities Authorities) Take(Credential credential, ECDsa key)
    {
        try
        {
            var trusted = credential.Trusted?.ToTrusted() ?? throw new RpcException(new Status(StatusCode.DataLoss, "the coordinator does not say whose certificates count"));
            using var certificate = X509CertificateLoader.LoadCertificate(credential.Certificate.Span);
            var verdict = PeerCertificates.Judge(certificate, PeerUse.Client, trusted, RevocationList.Empty, time.GetUtcNow());
            if (verdict is { Refusal: null, Peer: { } name } && name == PeerName.OfWorker(worker))
            {
                var end = certificate.NotAfter;
                log.Issued(coordinator, worker, end);
                return (certificate.CopyWithPrivateKey(key), trusted);
            }

            throw new RpcException(new Status(StatusCode.DataLoss, $"the coordinator's certificate for this worker is of no use: {verdict.Refusal?.Describe() ?? "it has another name"}; do the clocks agree?"));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new RpcException(new Status(StatusCode.DataLoss, $"the coordinator's certificate for this worker is malformed: {e.Message}"));
        }
    }
}
