using Cluster.Compute.Steps;

namespace Cluster.Worker.Shards;

/// <summary>What a shard's actor drives; one step at a time on its thread.</summary>
internal interface IShardExecutor : IDisposable
{
    /// <summary>Logits rows of the last step that can be summarized again.</summary>
    int KeptLogitsRows { get; }

    /// <summary>Where the time of the last step went, or of what was asked about it again.</summary>
    StepTimes Times { get; }

    /// <summary>Runs a step.</summary>
    /// <exception cref="Compute.Collectives.PeerLostException">A rank that this step needs is gone.</exception>
    void Execute(StepBatch batch, StepOutput output);

    /// <summary>Answers rows of the last step again.</summary>
    void SummarizeAgain(StepBatch batch, StepOutput output);
}
