using Cluster.Compute.Collectives;
using Cluster.Compute.Shards;

namespace Cluster.Worker.Shards;

/// <summary>Takes shards into memory. Called on the thread that will execute them.</summary>
internal interface IShardLoader
{
    /// <param name="specification">What to load.</param>
    /// <param name="collective">The shard's tensor-parallel group.</param>
    /// <param name="link">The neighbouring stages; null where the plan has one stage.</param>
    /// <param name="progress">Told as weights come in.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ShardLoadException">It cannot be loaded.</exception>
    LoadedShard Load(
        ShardSpecification specification, ICollective collective, IStageLink? link, IProgress<ShardLoadProgress> progress,
        CancellationToken cancellationToken);
}
