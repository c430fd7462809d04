namespace Cluster.Coordinator.Ranks;

/// <summary>Whom a step request is for.</summary>
internal enum RankScope
{
    All,

    /// <summary>The ranks that hold the LM head, for a question about the logits that the last step left.</summary>
    LastStage,
}
