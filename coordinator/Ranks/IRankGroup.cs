using Cluster.Protos.V1;

namespace Cluster.Coordinator.Ranks;

/// <summary>All ranks of one plan, as the engine sees them. After a failure the group is of no more use.</summary>
internal interface IRankGroup
{
    ulong PlanVersion { get; }

    /// <summary>Ranks of the last stage, which answer with logits: the last ones.</summary>
    int TensorParallelSize { get; }

    int WorldSize { get; }

    /// <summary>Stages, and so steps that keep all of them busy at a time.</summary>
    int PipelineSize => WorldSize / TensorParallelSize;

    /// <summary>Whether a step may name tokens that the one before it chooses: the ranks that have the logits have the embeddings, too.</summary>
    bool TakesForeseenTokens => PipelineSize == 1;

    /// <summary>
    /// Sends a request to every rank of the scope at once and gathers their answers. Further ones may be sent before it is answered: ranks
    /// execute and answer them in the order of the calls, which are for one thread at a time.
    /// </summary>
    /// <param name="request">Must stay as it is until the answers are there.</param>
    /// <param name="scope">Whom it is for.</param>
    /// <param name="results">By rank; those of the scope are overwritten with the answers.</param>
    /// <returns>Null when all of them executed it.</returns>
    ValueTask<StepFailure?> ExecuteAsync(StepRequest request, RankScope scope, IReadOnlyList<StepResult> results);

    /// <summary>No further step will be asked for: whoever waits for the group's end learns why.</summary>
    void GiveUp(StepFailure failure);
}
