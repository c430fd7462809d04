using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Hosting;
using Cluster.Worker.Membership;
using Cluster.Worker.Resilience;
using Grpc.Core;

namespace Cluster.Worker.Security;

/// <summary>How a worker comes by its identity when it starts: handed over, kept from the last time, or for a join token.</summary>
internal sealed class IdentityStart(WorkerOptions options, string worker, SecurityLog log, TimeProvider time)
{
    private readonly EnrollmentClient _client = new(options.Coordinator, worker, options.Token, log, time);

    /// <param name="input">Where one that is handed over is read.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="WorkerException">There is none to be had.</exception>
    public async Task<WorkerIdentity> ObtainAsync(TextReader input, CancellationToken cancellationToken)
    {
        if (options.ReadsIdentity)
        {
            return PeerIdentityPem.Read(await input.ReadToEndAsync(cancellationToken).ConfigureAwait(false)) is { } given
                ? new WorkerIdentity(given.Certificate, given.Authorities, _client, null, log, time)
                : throw new WorkerException("standard input has no identity for this worker");
        }

        if (!PeerName.IsWorkerName(worker))
            throw new WorkerException($"'{worker}' is no name for a worker with a certificate: up to 64 ASCII letters, digits, '.', '_' and '-'");

        var file = IdentityFile.Of(options.CachePath, worker);
        var kept = Kept(file);
        if (kept is { } known && (options.Token is null || known.Authorities.Includes(options.Token.Authority)))
            return new WorkerIdentity(known.Certificate, known.Authorities, _client, file, log, time);
        if (options.Token is not { } token)
            throw new WorkerException($"the worker '{worker}' has no certificate of its cluster: start it once with --join-token-file FILE, with a token that 'cluster join-token create' printed");

        // A token of another authority counts more than what was kept, unless it is older than the coordinator's present authority.
        if (await EnrollAsync(token, cancellationToken).ConfigureAwait(false) is not { } enrolled)
        {
            if (kept is not { } other)
                throw new WorkerException($"the authority of the coordinator at {options.Coordinator} is not the join token's: it is another cluster's, or somebody stands between");
            return new WorkerIdentity(other.Certificate, other.Authorities, _client, file, log, time);
        }

        try
        {
            file.Write(enrolled.Certificate, enrolled.Authorities);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new WorkerException($"the certificate cannot be kept: {e.Message}");
        }

        return new WorkerIdentity(enrolled.Certificate, enrolled.Authorities, _client, file, log, time);
    }

    /// <summary>The one of the last time, if it is still good.</summary>
    private (X509Certificate2 Certificate, TrustedAuthorities Authorities)? Kept(IdentityFile file)
    {
        if (file.Read() is not { } kept) return null;
        var verdict = PeerCertificates.Judge(kept.Certificate, PeerUse.Client, kept.Authorities, RevocationList.Empty, time.GetUtcNow());
        return verdict.Refusal is null && verdict.Peer == PeerName.OfWorker(worker) ? kept : null;
    }

    private async Task<(X509Certificate2 Certificate, TrustedAuthorities Authorities)?> EnrollAsync(JoinToken joinToken, CancellationToken cancellationToken)
    {
        var patience = new CoordinatorOptions(options.Coordinator, options.ExitOnDisconnect).Patience;
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var problem = "no answer";
        var retry = WorkerPolicies.Join(said => problem = said, time);
        try
        {
            return await retry.ExecuteAsync(async token => await _client.EnrollAsync(joinToken, token).ConfigureAwait(false), either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } && !cancellationToken.IsCancellationRequested)
        {
            throw new WorkerException($"cannot reach the coordinator at {options.Coordinator} within {patience.TotalSeconds:0.#} s: {problem}");
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkerException($"the coordinator at {options.Coordinator} refused this worker: {e.Status.Detail}");
        }
    }
}
