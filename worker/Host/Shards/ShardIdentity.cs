namespace Cluster.Worker.Shards;

/// <summary>Which shard of which plan: the identity of the actor that computes it.</summary>
internal readonly record struct ShardIdentity(ulong PlanVersion, int Stage, int Rank)
{
    public override string ToString() => $"plan {PlanVersion}, stage {Stage}, rank {Rank}";
}
