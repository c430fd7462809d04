namespace Cluster.Coordinator.Planning;

internal enum PlanRefusalReason
{
    /// <summary>The model's shape does not allow the split; the message says what does not fit.</summary>
    Split,

    /// <summary>There are fewer workers than ranks.</summary>
    Workers,

    /// <summary>A cache format's block does not divide the head dimension.</summary>
    CacheFormat,

    /// <summary>The context asked for is longer than the model's, or not positive.</summary>
    Context,

    /// <summary>A device offers less memory than its shards need.</summary>
    Memory,
}
