using Cluster.Compute.Collectives;
using Cluster.Compute.Shards;
using Cluster.Compute.Steps;
using Cluster.Worker.Shards;
using Cluster.Worker.Steps;

namespace Cluster.Worker.Tests.Support;

/// <summary>Loads shards that do a given work in each step, with a vocabulary of 1000 and blocks of 16 tokens.</summary>
internal sealed class WorkLoader(StepWork work) : IShardLoader
{
    public const int VocabularySize = 1000;

    public LoadedShard Load(
        ShardSpecification specification, ICollective collective, IStageLink? link, IProgress<ShardLoadProgress> progress,
        CancellationToken cancellationToken)
    {
        progress.Report(new ShardLoadProgress(10, 10));
        return new LoadedShard(
            new Executor(specification.Shard.Rank, collective, link, work),
            HostKvCache.Create(specification),
            new StepLimits(specification.MaxStepTokens, VocabularySize, specification.BlockTokens, specification.BlockCount, specification.CacheFormats.Length),
            new ShardMemory(10, [20], 30, 40));
    }

    private sealed class Executor(int rank, ICollective collective, IStageLink? link, StepWork work) : IShardExecutor
    {
        private int _keptRows;

        public StepTimes Times { get; } = new();

        public int KeptLogitsRows(ulong stepId) => _keptRows;

        public void Execute(StepBatch batch, StepOutput output)
        {
            Times.Begin(StepPart.Exchange);
            _keptRows = batch.LogitsRows.Count;
            work(rank, collective, link, batch, output);
            Times.End();
        }

        public void SummarizeAgain(StepBatch batch, StepOutput output)
        {
            foreach (ref readonly var row in batch.LogitsRows.Span)
                output.Summaries.Add(new LogitsSummary(row.Temperature, row.Token, 0, 0, 0, 0));
        }

        public void Dispose()
        {
        }
    }
}
