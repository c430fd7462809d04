namespace Cluster.Worker.Shards;

/// <summary>Why a shard could not be loaded, as far as a coordinator acts on it.</summary>
internal enum ShardLoadFailure
{
    /// <summary>The request contradicts itself or asks for what this version does not know.</summary>
    InvalidRequest,

    /// <summary>There is no model file at the path.</summary>
    ModelNotFound,

    /// <summary>The file cannot be read, is no valid model, or is another model.</summary>
    WrongModel,

    /// <summary>The device has no room for the shard or cannot compute it.</summary>
    Device,

    /// <summary>A peer of the plan cannot be reached.</summary>
    PeerUnreachable,

    /// <summary>A newer plan took the shard's place.</summary>
    Replaced,
}
