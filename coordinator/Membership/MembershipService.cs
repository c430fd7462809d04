using Cluster.Coordinator.Security;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Coordinator.Membership;

/// <summary>
/// The service that workers join. A worker is a member for as long as its stream lives: its end, clean or not, is the worker's.
/// </summary>
internal sealed class MembershipService(MembershipRegistry registry, ClusterSecurity? security, TimeProvider time) : Protos.V1.Membership.MembershipBase
{
    /// <summary>How long a stream may stay open without saying who it is.</summary>
    private static readonly TimeSpan s_descriptionTimeout = TimeSpan.FromSeconds(10);

    public override async Task Join(
        IAsyncStreamReader<WorkerReport> requestStream, IServerStreamWriter<MemberNotice> responseStream, ServerCallContext context)
    {
        var description = await ReadDescriptionAsync(requestStream, context.CancellationToken).ConfigureAwait(false);
        var admission = security is null ? null : JoinAdmission.Check(security, description.Name, context.GetHttpContext());
        var result = registry.Join(description, admission?.Issued);
        if (result.Lease is not { } lease) throw new RpcException(result.Refusal);

        using (lease)
        {
            lease.Tell(new MemberNotice { Welcome = new Welcome { WorkerName = lease.Member.Name, SnapshotVersion = lease.SnapshotVersion } });
            admission?.Confirm(lease);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
            var heartbeats = ReadToEndAsync(requestStream, lease, ended.Token);
            try
            {
                await foreach (var notice in lease.Notices.ReadAllAsync(context.CancellationToken).ConfigureAwait(false))
                    await responseStream.WriteAsync(notice).ConfigureAwait(false);
            }
            finally
            {
                await ended.CancelAsync().ConfigureAwait(false);
                await heartbeats.ConfigureAwait(false);
            }
        }
    }

    private async Task<WorkerDescription> ReadDescriptionAsync(IAsyncStreamReader<WorkerReport> reports, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_descriptionTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            if (await reports.MoveNext(either.Token).ConfigureAwait(false) && reports.Current.Description is { } description) return description;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
        }

        throw new RpcException(new Status(StatusCode.InvalidArgument, "the first message must describe the worker"));
    }

    private static async Task ReadToEndAsync(IAsyncStreamReader<WorkerReport> reports, MemberLease lease, CancellationToken cancellationToken)
    {
        try
        {
            while (await reports.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                lease.Touch();
                if (reports.Current.Draining) lease.Drain();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException)
        {
            // The worker is gone, or we are: either way the lease ends below.
        }
        finally
        {
            lease.End();
        }
    }
}
