namespace Cluster.Worker.Shards;

/// <summary>A shard was not loaded; the message is one line without the worker's name.</summary>
internal sealed class ShardLoadException(ShardLoadFailure failure, string message) : Exception(message)
{
    public ShardLoadFailure Failure { get; } = failure;
}
