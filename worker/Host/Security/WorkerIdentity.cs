using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;
using Cluster.Worker.Hosting;
using Cluster.Worker.Steps;
using Grpc.Core;

namespace Cluster.Worker.Security;

/// <summary>Who this worker is to its cluster: a certificate that does not last long, and is renewed when two thirds of its life are over.</summary>
internal sealed class WorkerIdentity
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMinutes(1);

    private readonly ICertificateSource _source;
    private readonly IdentityFile? _file;
    private readonly SecurityLog _log;
    private readonly TimeProvider _time;
    private volatile X509Certificate2 _current;
    private long _refusals;

    /// <param name="certificate">With its key.</param>
    /// <param name="authority">Who signed it.</param>
    /// <param name="source">Where the next comes from.</param>
    /// <param name="file">Where it is kept; null for memory alone.</param>
    /// <param name="log">Told of renewals, and of peers that are refused.</param>
    /// <param name="time">The clock.</param>
    public WorkerIdentity(
        X509Certificate2 certificate, X509Certificate2 authority, ICertificateSource source, IdentityFile? file, SecurityLog log, TimeProvider time)
    {
        _current = certificate;
        _source = source;
        _file = file;
        _log = log;
        _time = time;
        Credentials = new PeerCredentials(authority, () => _current, time);
        Credentials.Refused += OnRefused;
    }

    public PeerCredentials Credentials { get; }

    public X509Certificate2 Certificate => _current;

    /// <summary>Renews the certificate in time, and again and again until it works, until it is cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var issued = PeerCertificates.IssuedAt(_current);
            var end = new DateTimeOffset(_current.NotAfter.ToUniversalTime());
            var wait = issued + (end - issued) * 2 / 3 - _time.GetUtcNow();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            try
            {
                // The one before is left to the collector: a handshake may be using it.
                var renewed = await _source.RenewAsync(Credentials, end <= _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
                _file?.Write(renewed, Credentials.Authority);
                _current = renewed;
            }
            catch (Exception e) when (e is RpcException or WorkerException or IOException or UnauthorizedAccessException)
            {
                _log.NotRenewed(end.LocalDateTime, OneLine.Of((e as RpcException)?.Status.Detail ?? e.Message));
                await Task.Delay(s_retry, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void OnRefused(string? address, PeerVerdict verdict) =>
        _log.Refused(verdict.Peer?.ToString() ?? "a stranger", address ?? "?", verdict.Refusal!.Value.Describe(), Interlocked.Increment(ref _refusals));
}
