using Cluster.Compute.Collectives;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Devices;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Shards;
using Cluster.Worker.Threading;

namespace Cluster.Worker.Collectives;

/// <summary>What a shard has of its peers: the links, and the collective and stage link that run over them.</summary>
internal sealed class ShardLinks : IAsyncDisposable
{
    private readonly MeshCollective? _collective;
    private readonly StageCollective? _choice;
    private readonly MeshStageLink? _stageLink;

    /// <param name="specification">The shard.</param>
    /// <param name="signal">What the compute thread sleeps on.</param>
    /// <param name="abort">Why it must not.</param>
    /// <param name="credentials">For TLS; null for plain text.</param>
    /// <param name="communicators">How its device sums with others; null for one that does not.</param>
    public ShardLinks(
        ShardSpecification specification, WakeSignal signal, ShardAbort abort, PeerCredentials? credentials, IDeviceCommunicators? communicators)
    {
        var shard = specification.Shard;
        var size = specification.TensorParallelSize;
        Mesh = new PeerMesh(
            specification.PlanVersion, shard.Rank, MeshPeers.Of(shard.Rank, size, specification.Addresses, specification.Workers),
            specification.Wire.EncodedLength(PeerMesh.FrameValues), signal, abort, credentials);
        if (size > 1) _collective = new MeshCollective(Mesh, specification.Wire, shard.Rank - shard.TensorRank, shard.TensorRank, size);
        if (size > 1 && specification.PipelineSize == 1) Choices = new MeshChoices(Mesh, shard.Rank, size);
        if (specification.PipelineSize > 1)
        {
            _stageLink = new MeshStageLink(
                Mesh, specification.Wire, shard.IsFirstStage ? -1 : shard.Rank - size, shard.IsLastStage ? -1 : shard.Rank + size);
        }

        Collective = (ICollective?)_collective ?? new SingleRankCollective();
        if (_collective is null || specification.Channel != ChannelKind.Automatic) return;
        Collective = _choice = new StageCollective(_collective);
        Devices = new DeviceAgreement(specification, communicators, credentials, _choice, Mesh.FindLoss);
    }

    public PeerMesh Mesh { get; }

    public ICollective Collective { get; }

    /// <summary>What the stage may agree on instead of its links; null where it is not to.</summary>
    public DeviceAgreement? Devices { get; }

    /// <summary>How a stage that is the whole plan agrees on tokens; null where there is nobody to agree with, or other stages.</summary>
    public MeshChoices? Choices { get; }

    /// <summary>Null where the plan has one stage.</summary>
    public IStageLink? StageLink => _stageLink;

    public void BeginStep(ulong stepId)
    {
        Mesh.BeginStep(stepId);
        _collective?.BeginStep();
        _stageLink?.BeginStep();
    }

    /// <summary>Leaves the group of devices, if there is one: before the shard's memory goes.</summary>
    public void LeaveDevices() => _choice?.Dispose();

    public ValueTask DisposeAsync()
    {
        LeaveDevices();
        return Mesh.DisposeAsync();
    }
}
