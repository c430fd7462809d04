using Cluster.Compute.Steps;

namespace Cluster.Worker.Shards;

/// <summary>What a shard's actor drives; one step at a time on its thread.</summary>
internal interface IShardExecutor : IDisposable
{
    /// <summary>Where the time of the last step went, or of what was asked about it again.</summary>
    StepTimes Times { get; }

    /// <summary>Logits rows of a step that can be summarized again.</summary>
    int KeptLogitsRows(ulong stepId);

    /// <summary>Runs a step.</summary>
    /// <exception cref="Compute.Collectives.PeerLostException">A rank that this step needs is gone.</exception>
    void Execute(StepBatch batch, StepOutput output);

    /// <summary>Answers rows of the step that the batch names again.</summary>
    void SummarizeAgain(StepBatch batch, StepOutput output);
}
