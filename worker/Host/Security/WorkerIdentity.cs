using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;
using Cluster.Worker.Hosting;
using Cluster.Worker.Steps;
using Grpc.Core;

namespace Cluster.Worker.Security;

/// <summary>
/// Who this worker is to its cluster: a certificate that does not last long, and is renewed when two thirds of its life are over or another authority
/// signs certificates.
/// </summary>
internal sealed class WorkerIdentity
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMinutes(1);

    /// <summary>Until a certificate of another authority is asked for: who has it shown must have heard of the authority.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(2);

    private readonly ICertificateSource _source;
    private readonly IdentityFile? _file;
    private readonly SecurityLog _log;
    private readonly TimeProvider _time;
    private volatile X509Certificate2 _current;
    private volatile TaskCompletionSource _trustChanged = NewSignal();
    private long _refusals;

    /// <param name="certificate">With its key.</param>
    /// <param name="authorities">Whose certificates count.</param>
    /// <param name="source">Where the next comes from.</param>
    /// <param name="file">Where it is kept; null for memory alone.</param>
    /// <param name="log">Told of renewals, and of peers that are refused.</param>
    /// <param name="time">The clock.</param>
    public WorkerIdentity(
        X509Certificate2 certificate, TrustedAuthorities authorities, ICertificateSource source, IdentityFile? file, SecurityLog log, TimeProvider time)
    {
        _current = certificate;
        _source = source;
        _file = file;
        _log = log;
        _time = time;
        Credentials = new PeerCredentials(authorities, () => _current, time);
        Credentials.AuthoritiesChanged += () => _trustChanged.TrySetResult();
        Credentials.Refused += OnRefused;
    }

    public PeerCredentials Credentials { get; }

    public X509Certificate2 Certificate => _current;

    private DateTimeOffset End => new(_current.NotAfter.ToUniversalTime());

    /// <summary>Renews the certificate in time, and again and again until it works, until it is cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitUntilDueAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // The one before is left to the collector: a handshake may be using it.
                var isWorthless = JudgeOwn(Credentials.Authorities) is not null;
                _current = await _source.RenewAsync(Credentials, isWorthless, cancellationToken).ConfigureAwait(false);
                _file?.Write(_current, Credentials.Authorities);
            }
            catch (Exception e) when (e is RpcException or WorkerException or IOException or UnauthorizedAccessException)
            {
                _log.NotRenewed(End.LocalDateTime, OneLine.Of((e as RpcException)?.Status.Detail ?? e.Message));
                await Task.Delay(s_retry, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WaitUntilDueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (changed, now) = (_trustChanged, _time.GetUtcNow());
            var issued = PeerCertificates.IssuedAt(_current);
            var wait = issued + (End - issued) * 2 / 3 - now;
            if (wait > s_settling && JudgeOwn(new TrustedAuthorities(Credentials.Authorities.Signing)) is not null) wait = s_settling;
            if (wait <= TimeSpan.Zero) return;

            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var first = await Task.WhenAny(Task.Delay(wait, _time, over.Token), changed.Task).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (first != changed.Task) return;

            _trustChanged = NewSignal();
            Keep();
        }
    }

    /// <summary>So that the worker knows its peers when it starts again.</summary>
    private void Keep()
    {
        try
        {
            _log.TrustChanged(Credentials.Authorities);
            _file?.Write(_current, Credentials.Authorities);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.NotKept(OneLine.Of(e.Message));
        }
    }

    private PeerRefusal? JudgeOwn(TrustedAuthorities authorities) => PeerCertificates.Judge(_current, PeerUse.Client, authorities, RevocationList.Empty, _time.GetUtcNow()).Refusal;

    private void OnRefused(string? address, PeerVerdict verdict) =>
        _log.Refused(verdict.Peer?.ToString() ?? "a stranger", address ?? "?", verdict.Refusal!.Value.Describe(), Interlocked.Increment(ref _refusals));
}
