using Cluster.Protos.Security;
using Cluster.Protos.Services;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Shards;
using Grpc.Core;

namespace Cluster.Worker.Collectives.Devices;

/// <summary>Any other rank of a stage than the first, which asks that one (<see cref="DeviceGroupLeader"/>).</summary>
internal sealed class DeviceGroupMember(ulong planVersion, int rank, PeerIdentity leader, PeerCredentials? credentials)
{
    /// <param name="offer">What its device brings.</param>
    /// <param name="join">Begins to join.</param>
    /// <param name="cancellationToken">The shard ends.</param>
    /// <exception cref="ShardLoadException">The leader was lost when it may already have told others that the group stands.</exception>
    public async Task<DeviceGroupResult> AskAsync(DeviceOffer offer, Func<byte[], GroupJoin> join, CancellationToken cancellationToken)
    {
        using var channel = PeerChannel.Open(leader, credentials);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(
            WorkerMethods.FormDeviceGroup, null, new CallOptions(cancellationToken: cancellationToken));
        GroupJoin? own = null;
        var hasJoined = false;
        try
        {
            var question = new DeviceGroupRequest { PlanVersion = planVersion, Leader = leader.Rank, Caller = rank, Offer = offer };
            await call.RequestStream.WriteAsync(question, cancellationToken).ConfigureAwait(false);
            var reply = await ReadAsync(call.ResponseStream, cancellationToken).ConfigureAwait(false);
            if (reply.Refusal.Length > 0) return new DeviceGroupResult(null, reply.Refusal);

            own = join(reply.CommunicatorId.ToByteArray());
            var verdict = ReadAsync(call.ResponseStream, cancellationToken);
            var outcome = own.OutcomeAsync();
            if (await Task.WhenAny(verdict, outcome).ConfigureAwait(false) == outcome)
            {
                var problem = await outcome.ConfigureAwait(false);
                hasJoined = problem is null;
                await call.RequestStream.WriteAsync(new DeviceGroupRequest { Problem = problem ?? "" }, cancellationToken).ConfigureAwait(false);
            }

            reply = await verdict.ConfigureAwait(false);
            if (reply.Refusal.Length > 0) return new DeviceGroupResult(null, reply.Refusal);
            if (!hasJoined) throw new RpcException(new Status(StatusCode.Internal, "it confirmed a group that this rank has not joined"));
            var result = new DeviceGroupResult(own.Take(), null);
            own = null;
            return result;
        }
        catch (Exception e) when (e is RpcException or IOException or InvalidOperationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var why = $"{leader} does not form one: {(e as RpcException)?.Status.Detail ?? e.Message}";

            // Without this rank's word nobody uses a group; with it, others may do so already.
            if (hasJoined) throw new ShardLoadException(ShardLoadFailure.PeerUnreachable, why);
            return new DeviceGroupResult(null, why);
        }
        finally
        {
            own?.GiveUp();
        }
    }

    private static async Task<DeviceGroupReply> ReadAsync(IAsyncStreamReader<DeviceGroupReply> replies, CancellationToken cancellationToken) =>
        await replies.MoveNext(cancellationToken).ConfigureAwait(false)
            ? replies.Current
            : throw new RpcException(new Status(StatusCode.Aborted, "it said no more"));
}
