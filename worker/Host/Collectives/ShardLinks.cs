using Cluster.Compute.Collectives;
using Cluster.Protos.Security;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Shards;
using Cluster.Worker.Threading;

namespace Cluster.Worker.Collectives;

/// <summary>What a shard has of its peers: the links, and the collective and stage link that run over them.</summary>
internal sealed class ShardLinks : IAsyncDisposable
{
    private readonly MeshCollective? _collective;
    private readonly MeshStageLink? _stageLink;

    public ShardLinks(ShardSpecification specification, WakeSignal signal, ShardAbort abort, PeerCredentials? credentials)
    {
        var shard = specification.Shard;
        var size = specification.TensorParallelSize;
        Mesh = new PeerMesh(
            specification.PlanVersion, shard.Rank, MeshPeers.Of(shard.Rank, size, specification.Addresses, specification.Workers),
            specification.Wire.EncodedLength(PeerMesh.FrameValues), signal, abort, credentials);
        if (size > 1) _collective = new MeshCollective(Mesh, specification.Wire, shard.Rank - shard.TensorRank, shard.TensorRank, size);
        if (specification.PipelineSize > 1)
        {
            _stageLink = new MeshStageLink(
                Mesh, specification.Wire, shard.IsFirstStage ? -1 : shard.Rank - size, shard.IsLastStage ? -1 : shard.Rank + size);
        }

        Collective = (ICollective?)_collective ?? new SingleRankCollective();
    }

    public PeerMesh Mesh { get; }

    public ICollective Collective { get; }

    /// <summary>Null where the plan has one stage.</summary>
    public IStageLink? StageLink => _stageLink;

    public void BeginStep(ulong stepId)
    {
        Mesh.BeginStep(stepId);
        _collective?.BeginStep();
        _stageLink?.BeginStep();
    }

    public ValueTask DisposeAsync() => Mesh.DisposeAsync();
}
