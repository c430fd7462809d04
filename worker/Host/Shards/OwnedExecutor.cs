using Cluster.Compute.Shards;
using Cluster.Compute.Steps;

namespace Cluster.Worker.Shards;

/// <summary>A shard's executor with everything that was opened for it, freed last to first.</summary>
internal sealed class OwnedExecutor(ShardExecutor executor, Stack<IDisposable> resources) : IShardExecutor
{
    public StepTimes Times => executor.Times;

    public int KeptLogitsRows(ulong stepId) => executor.KeptLogitsRows(stepId);

    public void Execute(StepBatch batch, StepOutput output) => executor.Execute(batch, output);

    public void SummarizeAgain(StepBatch batch, StepOutput output) => executor.SummarizeAgain(batch, output);

    public void Dispose()
    {
        while (resources.TryPop(out var resource)) resource.Dispose();
    }
}
