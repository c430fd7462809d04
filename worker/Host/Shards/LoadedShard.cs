using Cluster.Worker.Steps;

namespace Cluster.Worker.Shards;

/// <summary>A shard in memory.</summary>
/// <param name="Executor">Runs its steps and owns its memory.</param>
/// <param name="Limits">What its steps may name.</param>
/// <param name="Memory">What it takes.</param>
internal sealed record LoadedShard(IShardExecutor Executor, StepLimits Limits, ShardMemory Memory);
