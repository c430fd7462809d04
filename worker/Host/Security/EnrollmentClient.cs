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
    /// <exception cref="WorkerException">The coordinator is another than the token's.</exception>
    /// <exception cref="RpcException">It is not there, or refuses.</exception>
    public async Task<(X509Certificate2 Certificate, X509Certificate2 Authority)> EnrollAsync(JoinToken token, CancellationToken cancellationToken)
    {
        var authority = await FindAuthorityAsync(token.Authority, cancellationToken).ConfigureAwait(false);
        PeerRefusal? refusal = null;
        var trust = new PeerCredentials(authority, static () => throw new InvalidOperationException("A stranger has no certificate."), time);
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
            return (Take(credential, key, trust), authority);
        }
        catch (RpcException) when (refusal is { } reason)
        {
            throw new WorkerException($"the program at {coordinator} is not the coordinator of the join token's cluster: {reason.Describe()}");
        }
    }

    public async Task<X509Certificate2> RenewAsync(PeerCredentials credentials, bool hasEnded, CancellationToken cancellationToken)
    {
        if (hasEnded && token is not null) return (await EnrollAsync(token, cancellationToken).ConfigureAwait(false)).Certificate;

        using var channel = PeerChannel.Open(coordinator.ToString(), credentials, PeerRole.Coordinator);
        using var key = SigningRequest.CreateKey();
        var request = new RenewRequest { SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key)) };
        var credential = await new Enrollment.EnrollmentClient(channel).RenewAsync(request, cancellationToken: cancellationToken);
        return Take(credential, key, credentials);
    }

    private async Task<X509Certificate2> FindAuthorityAsync(AuthorityPin pin, CancellationToken cancellationToken)
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

        throw new WorkerException($"the authority of the coordinator at {coordinator} is not the join token's: it is another cluster's, or somebody stands between");
    }

    private X509Certificate2 Take(Credential credential, ECDsa key, PeerCredentials credentials)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(credential.Certificate.Span);
            var verdict = PeerCertificates.Judge(certificate, PeerUse.Client, credentials.Authority, RevocationList.Empty, time.GetUtcNow());
            if (verdict is { Refusal: null, Peer: { } name } && name == PeerName.OfWorker(worker))
            {
                var end = certificate.NotAfter;
                log.Issued(coordinator, worker, end);
                return certificate.CopyWithPrivateKey(key);
            }

            throw new RpcException(new Status(StatusCode.DataLoss, $"the coordinator's certificate for this worker is of no use: {verdict.Refusal?.Describe() ?? "it has another name"}; do the clocks agree?"));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new RpcException(new Status(StatusCode.DataLoss, $"the coordinator's certificate for this worker is malformed: {e.Message}"));
        }
    }
}
