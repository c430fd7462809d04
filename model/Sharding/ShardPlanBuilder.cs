using System.Collections.Immutable;
using Cluster.Model.Architecture;

namespace Cluster.Model.Sharding;

/// <summary>
/// Splits a model over ranks. Layers are cut into contiguous stages; inside a stage, attention is cut at whole KV heads with their
/// groups of query heads while there are enough, else inside the groups; the feed-forward layer at weight blocks where it can, the vocabulary at multiples of 32 where it can.
/// </summary>
public static class ShardPlanBuilder
{
    // The block of the simple quantized formats and of quantized activations, and a multiple of every vector width.
    private const int SimpleBlock = 32;

    /// <param name="config">The model's shape.</param>
    /// <param name="tensorParallel">Ranks that share each layer, at most the model's query heads.</param>
    /// <param name="pipeline">Stages, at most the model's layers.</param>
    /// <param name="feedForwardUnit">
    /// Feed-forward columns that stay together where it can be: the largest block size among the down projections' formats
    /// (<see cref="TensorCuts.FeedForwardUnit"/>).
    /// </param>
    /// <param name="version">The plan's version.</param>
    /// <param name="shares">
    /// How much of the work each rank takes, by rank; only proportions matter. Empty: all the same. A stage's share of the layers is the
    /// sum over its ranks; heads, columns and rows follow the shares inside each stage.
    /// </param>
    public static ShardPlanResult Build(
        ModelConfig config, int tensorParallel, int pipeline, int feedForwardUnit, long version, ReadOnlySpan<double> shares = default)
    {
        ImmutableArray<ShardPlanRefusal> refusals = ShardPlanChecks.Run(config, tensorParallel, pipeline, shares);
        if (!refusals.IsEmpty) return ShardPlanResult.Refused(refusals);

        int worldSize = tensorParallel * pipeline;
        Span<double> rankShares = new double[worldSize];
        rankShares.Fill(1);
        if (!shares.IsEmpty) shares.CopyTo(rankShares);

        int feedForwardStep = FeedForwardStep(config.FeedForwardSize, feedForwardUnit, tensorParallel);
        int vocabularyStep = (config.VocabularySize - 1) / SimpleBlock + 1 >= tensorParallel ? SimpleBlock : 1;
        ImmutableArray<IndexRange> layers = Apportionment.Cut(config.LayerCount, 1, StageShares(rankShares, tensorParallel, pipeline));
        var shards = ImmutableArray.CreateBuilder<Shard>(worldSize);
        for (int stage = 0; stage < pipeline; stage++)
        {
            bool isLastStage = stage == pipeline - 1;
            ReadOnlySpan<double> stageShares = rankShares.Slice(stage * tensorParallel, tensorParallel);
            ImmutableArray<HeadCut> heads = HeadApportionment.Cut(config.KvHeadCount, config.QueryGroupSize, stageShares);
            ImmutableArray<IndexRange> feedForward = Apportionment.Cut(config.FeedForwardSize, feedForwardStep, stageShares);
            ImmutableArray<IndexRange> vocabulary = Apportionment.Cut(config.VocabularySize, vocabularyStep, stageShares);
            for (int tensorRank = 0; tensorRank < tensorParallel; tensorRank++)
            {
                shards.Add(new Shard
                {
                    Rank = stage * tensorParallel + tensorRank,
                    Stage = stage,
                    TensorRank = tensorRank,
                    Layers = layers[stage],
                    KvHeads = heads[tensorRank].KvHeads,
                    QueryHeads = heads[tensorRank].QueryHeads,
                    FeedForward = feedForward[tensorRank],
                    Vocabulary = isLastStage ? vocabulary[tensorRank] : default,
                    IsFirstStage = stage == 0,
                    IsLastStage = isLastStage,
                });
            }
        }
        return ShardPlanResult.Planned(new ShardPlan
        {
            Version = version,
            TensorParallelSize = tensorParallel,
            PipelineSize = pipeline,
            Shards = shards.MoveToImmutable(),
        });
    }

    private static int FeedForwardStep(int columns, int unit, int tensorParallel)
    {
        unit = Math.Max(unit, SimpleBlock);
        if (Divides(unit)) return unit;
        return Divides(SimpleBlock) ? SimpleBlock : 1;

        bool Divides(int step) => columns % step == 0 && columns / step >= tensorParallel;
    }

    private static double[] StageShares(ReadOnlySpan<double> rankShares, int tensorParallel, int pipeline)
    {
        var sums = new double[pipeline];
        for (int rank = 0; rank < rankShares.Length; rank++) sums[rank / tensorParallel] += rankShares[rank];
        return sums;
    }
}
