namespace Cluster.Worker.Threading;

/// <summary>Why a shard's compute thread must not wait any longer: the shard ends, or the stream of steps that it works for did.</summary>
internal sealed class ShardAbort
{
    private readonly AbortReason _shard = new();
    private volatile AbortReason? _steps;

    /// <summary>One line, or null while waiting makes sense.</summary>
    public string? Reason => _shard.Text ?? _steps?.Text;

    /// <summary>Why the whole shard ends.</summary>
    public string? ShardReason => _shard.Text;

    public void AbortShard(string reason) => _shard.Set(reason);

    /// <summary>Compute thread: from now on it works for the stream that <paramref name="steps"/> belongs to.</summary>
    public void Follow(AbortReason? steps) => _steps = steps;
}
