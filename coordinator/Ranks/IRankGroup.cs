using Cluster.Protos.V1;

namespace Cluster.Coordinator.Ranks;

/// <summary>All ranks of one plan, as the engine sees them. One step at a time; after a failure the group is of no more use.</summary>
internal interface IRankGroup
{
    ulong PlanVersion { get; }

    /// <summary>Ranks of the last stage, which answer with logits: the last ones.</summary>
    int TensorParallelSize { get; }

    int WorldSize { get; }

    /// <summary>
    /// The ranks' answers to the last step, by rank; those outside the last scope are from earlier. Overwritten by the next step.
    /// </summary>
    IReadOnlyList<StepResult> Results { get; }

    /// <summary>Sends a request to every rank of the scope at once and gathers their answers.</summary>
    /// <returns>Null when all of them executed it.</returns>
    ValueTask<StepFailure?> ExecuteAsync(StepRequest request, RankScope scope);

    /// <summary>No further step will be asked for: whoever waits for the group's end learns why.</summary>
    void GiveUp(StepFailure failure);
}
