using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Hosting;
using Cluster.Worker.Resilience;
using Grpc.Core;
using Polly;

namespace Cluster.Worker.Membership;

/// <summary>
/// This worker's membership: joins the coordinator as soon as it is there, beats its heart, and joins again when the coordinator
/// comes back, until it is told to end.
/// </summary>
internal sealed class CoordinatorMembership
{
    private readonly CoordinatorOptions _options;
    private readonly WorkerDescription _description;
    private readonly MembershipLog _log;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline _retry;

    public CoordinatorMembership(CoordinatorOptions options, WorkerDescription description, MembershipLog log, TimeProvider time)
    {
        _options = options;
        _description = description;
        _log = log;
        _time = time;
        _retry = WorkerPolicies.Join(
            problem =>
            {
                LastProblem = problem;
                log.NotThere(options.Address, problem);
            },
            time);
    }

    /// <summary>Called when a coordinator that was joined is gone, before it is looked for again.</summary>
    public event Func<string, Task>? Lost;

    private string LastProblem { get; set; } = "no answer";

    /// <summary>Returns when the worker is to end: told so, or left alone by a coordinator that it may not outlive.</summary>
    /// <param name="draining">Cancelled when the worker wants to leave: a coordinator that it has joined tells it when it may.</param>
    /// <param name="stopping">Cancelled when it leaves at once.</param>
    /// <exception cref="WorkerException">The coordinator refuses the worker or cannot be reached.</exception>
    public async Task RunAsync(CancellationToken draining, CancellationToken stopping)
    {
        using var joining = CancellationTokenSource.CreateLinkedTokenSource(draining, stopping);
        using var channel = PeerChannel.Open(_options.Address.ToString(), _options.Credentials, PeerRole.Coordinator);
        var client = new Protos.V1.Membership.MembershipClient(channel);
        while (true)
        {
            string problem;
            using (var joined = await JoinAsync(client, joining.Token).ConfigureAwait(false))
            {
                _log.Joined(_options.Address, joined.WorkerName, _description.Address);
                problem = await joined.StayAsync(_options.HeartbeatInterval, _time, TakeNotice, draining, stopping).ConfigureAwait(false) ?? "";
            }

            if (problem.Length == 0)
            {
                _log.ToldToEnd();
                return;
            }

            if (_options.ExitOnDisconnect || draining.IsCancellationRequested) return;
            _log.Lost(_options.Address, problem);
            if (Lost is { } lost) await lost($"the coordinator at {_options.Address} is gone").ConfigureAwait(false);
        }
    }

    private void TakeNotice(MemberNotice notice)
    {
        if (_options.Credentials is not { } credentials) return;
        if (notice.Revoked is { } revoked) credentials.Revoked = revoked.ToList();
        if (notice.Trusted?.ToTrusted() is { } trusted) credentials.Authorities = trusted;
    }

    private async Task<JoinedStream> JoinAsync(Protos.V1.Membership.MembershipClient client, CancellationToken stopping)
    {
        using var patience = new CancellationTokenSource(_options.Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
        try
        {
            return await _retry.ExecuteAsync(
                async cancellation => await JoinedStream.OpenAsync(client, _description, cancellation).ConfigureAwait(false), either.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new WorkerException(
                $"cannot reach the coordinator at {_options.Address} within {_options.Patience.TotalSeconds:0.#} s: {LastProblem}");
        }
        catch (RpcException e) when (!stopping.IsCancellationRequested)
        {
            throw new WorkerException($"the coordinator at {_options.Address} refused this worker: {e.Status.Detail}");
        }
    }
}
