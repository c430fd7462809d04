using Cluster.Compute.KvCache;
using Cluster.Worker.Steps;

namespace Cluster.Worker.Shards;

/// <summary>A shard in memory.</summary>
/// <param name="Executor">Runs its steps and owns its memory.</param>
/// <param name="Cache">Its keys and values; the executor's, and for its thread alone.</param>
/// <param name="Limits">What its steps may name.</param>
/// <param name="Memory">What it takes.</param>
internal sealed record LoadedShard(IShardExecutor Executor, KvCacheShard Cache, StepLimits Limits, ShardMemory Memory);
