using Microsoft.Extensions.Logging;

namespace Cluster.Worker.Shards;

/// <summary>What a shard's life leaves in the log.</summary>
internal sealed partial class ShardActorLog(ILogger<ShardActorLog> logger)
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Loading {Identity} from {Path}")]
    public partial void Loading(ShardIdentity identity, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Identity}: {WeightBytes} bytes of weights, {CacheBytes} of KV cache")]
    public partial void Loaded(ShardIdentity identity, long weightBytes, long cacheBytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not load {Identity}: {Problem}")]
    public partial void LoadFailed(ShardIdentity identity, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Identity}: {Problem}")]
    public partial void FellBack(ShardIdentity identity, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity}: {Size} ranks sum on their devices by {Library}")]
    public partial void SumsOnDevices(ShardIdentity identity, int size, string library);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity}: ranks sum over their links, not on devices: {Reason}")]
    public partial void SumsOverLinks(ShardIdentity identity, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ended {Identity}: {Reason}")]
    public partial void Ended(ShardIdentity identity, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The thread of {Identity} failed")]
    public partial void ThreadFailed(ShardIdentity identity, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Step {StepId} of {Identity} failed: {Problem}")]
    public partial void StepFailed(ShardIdentity identity, ulong stepId, string problem);
}
