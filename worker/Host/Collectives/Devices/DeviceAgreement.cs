using Cluster.Compute.Collectives;
using Cluster.Protos.Security;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Shards;

namespace Cluster.Worker.Collectives.Devices;

/// <summary>How one rank comes to agree with its stage whether their devices sum by themselves.</summary>
/// <param name="specification">The shard.</param>
/// <param name="communicators">Its device's; null for one that knows no groups.</param>
/// <param name="credentials">For TLS; null for plain text.</param>
/// <param name="collective">Told of the group.</param>
/// <param name="findLoss">Why the group's ranks are not to be waited for any more, or null; for the compute thread.</param>
internal sealed class DeviceAgreement(
    ShardSpecification specification, IDeviceCommunicators? communicators, PeerCredentials? credentials, StageCollective collective, Func<string?> findLoss)
{
    private readonly int _firstRank = specification.Shard.Rank - specification.Shard.TensorRank;

    /// <summary>For the other ranks' calls; null on these.</summary>
    public DeviceGroupLeader? Leader { get; } =
        specification.Shard.TensorRank == 0 ? new DeviceGroupLeader(specification.Shard.Rank, specification.TensorParallelSize) : null;

    /// <summary>What sums on the devices, if they agreed; else empty.</summary>
    public string Library { get; private set; } = "";

    /// <summary>Whether it is worth telling how it ended: to a rank whose device knows groups.</summary>
    public bool IsExpected => communicators is not null;

    /// <summary>Returns when all is settled, with the links connected before.</summary>
    /// <exception cref="ShardLoadException">It cannot be settled.</exception>
    public async Task<DeviceGroupResult> ReachAsync(TimeSpan gatherTimeout, TimeSpan joinTimeout, CancellationToken cancellationToken)
    {
        var offer = DeviceOffers.Make(communicators);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var result = Leader is null
            ? await new DeviceGroupMember(
                specification.PlanVersion, specification.Shard.Rank,
                new PeerIdentity(_firstRank, specification.Addresses[_firstRank], specification.Workers[_firstRank]), credentials)
                .AskAsync(offer, Join, cancellationToken).ConfigureAwait(false)
            : await Leader.DecideAsync(offer, communicators is null ? null : communicators.CreateId, Join, gatherTimeout, joinTimeout, cancellationToken)
                .ConfigureAwait(false);
        if (result.Collective is { } devices)
        {
            Library = devices.Library;
            collective.Use(devices);
        }

        return result;

        GroupJoin Join(byte[] id)
        {
            limit.CancelAfter(joinTimeout);
            var token = limit.Token;
            return new GroupJoin(
                () => communicators!.Join(id, specification.Shard.TensorRank, specification.TensorParallelSize, findLoss, token));
        }
    }
}
