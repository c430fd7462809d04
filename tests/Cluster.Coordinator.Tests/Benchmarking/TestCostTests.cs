using Cluster.Coordinator.Benchmarking;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Model.Synthesis;

namespace Cluster.Coordinator.Tests.Benchmarking;

/// <summary>
/// Costs against figures that were worked out by hand for the tiny shape in Q8_0 (34 bytes for 32 weights): 2 layers, 256 wide, 512
/// feed-forward columns, 8 heads and 4 KV heads of 32, 320 tokens.
/// </summary>
public sealed class TestCostTests
{
    /// <summary>Weights of a layer: queries and output 256 × 256, keys and values 128 × 256, gate, up and down 512 × 256.</summary>
    private const long LayerWeights = 2 * 256 * 256 + 2 * 128 * 256 + 3 * 512 * 256;

    private const long HeadWeights = 320 * 256;
    private const long NormBytes = 256 * sizeof(float);
    private const long EmbeddingRowBytes = 256 / 32 * 34;

    /// <summary>2 layers, 4 heads, keys of 34 bytes and values of 18.</summary>
    private const long KvBytes = 2 * 4 * (34 + 18);

    private static readonly KvCacheFormat s_cache = new();

    [Fact]
    public void One_rank_reads_every_matrix_once_and_a_row_of_embeddings()
    {
        var rank = Assert.Single(Costs(SynthShapes.Tiny, 1, 1));

        Assert.Equal(Bytes(2 * LayerWeights + HeadWeights) + 5 * NormBytes, rank.WeightBytes);
        Assert.Equal(EmbeddingRowBytes, rank.EmbeddingRowBytes);
        Assert.Equal(KvBytes, rank.KvBytesPerToken);
        Assert.Equal((2 * LayerWeights, HeadWeights), (rank.LayerMultiplyAdds, rank.HeadMultiplyAdds));
        Assert.Equal(2 * 2 * 8 * 32, rank.AttentionMultiplyAdds);
    }

    [Fact]
    public void A_tied_table_is_read_whole_as_the_head_and_by_row_as_embeddings()
    {
        var tied = Assert.Single(Costs(SynthShapes.Tiny with { TiedEmbeddings = true }, 1, 1));

        Assert.Equal(Bytes(2 * LayerWeights + HeadWeights) + 5 * NormBytes, tied.WeightBytes);
        Assert.Equal((EmbeddingRowBytes, HeadWeights), (tied.EmbeddingRowBytes, tied.HeadMultiplyAdds));
    }

    [Fact]
    public void Ranks_of_a_stage_share_all_but_the_norms()
    {
        var ranks = Costs(SynthShapes.Tiny, 2, 1);

        Assert.Equal([0, 0], ranks.Select(rank => rank.Stage));
        Assert.All(ranks, rank =>
        {
            Assert.Equal(Bytes(2 * LayerWeights + HeadWeights) / 2 + 5 * NormBytes, rank.WeightBytes);
            Assert.Equal((EmbeddingRowBytes, KvBytes / 2), (rank.EmbeddingRowBytes, rank.KvBytesPerToken));
            Assert.Equal((LayerWeights, HeadWeights / 2), (rank.LayerMultiplyAdds, rank.HeadMultiplyAdds));
        });
    }

    [Fact]
    public void Stages_have_their_layers_the_first_the_embeddings_the_last_the_head()
    {
        var stages = Costs(SynthShapes.Tiny, 1, 2);

        Assert.Equal([0, 1], stages.Select(rank => rank.Stage));
        Assert.Equal([Bytes(LayerWeights) + 2 * NormBytes, Bytes(LayerWeights + HeadWeights) + 3 * NormBytes], stages.Select(rank => rank.WeightBytes));
        Assert.Equal([EmbeddingRowBytes, 0], stages.Select(rank => rank.EmbeddingRowBytes));
        Assert.Equal([0, HeadWeights], stages.Select(rank => rank.HeadMultiplyAdds));
    }

    [Fact]
    public void Decoding_reads_the_weights_once_a_step_and_each_sequences_cache()
    {
        var rank = Assert.Single(Costs(SynthShapes.Tiny, 1, 1));

        // The steps' tokens are the second, third and fourth after the filled cache: they attend to 66, 67 and 68 tokens.
        var cost = TestCost.Of(rank, new BenchmarkTest(0, 3, 64, 2), prefillChunk: 512);

        Assert.Equal(6, cost.Tokens);
        Assert.Equal(3 * rank.WeightBytes + 6 * EmbeddingRowBytes + 2 * (66 + 67 + 68) * KvBytes, cost.ReadBytes);
        Assert.Equal(6 * (2 * LayerWeights + HeadWeights) + 2 * (66 + 67 + 68) * rank.AttentionMultiplyAdds, cost.MultiplyAdds);
    }

    [Fact]
    public void Prefill_multiplies_each_token_and_makes_logits_of_the_last()
    {
        var rank = Assert.Single(Costs(SynthShapes.Tiny, 1, 1));

        // Tokens attend to 33 … 42. Chunks of 4 end at 36, 40 and 42 cached tokens; 20 tokens are 5 steps.
        var cost = TestCost.Of(rank, new BenchmarkTest(10, 0, 32, 2), prefillChunk: 4);

        var attended = 2 * Enumerable.Range(33, 10).Sum();
        Assert.Equal(20, cost.Tokens);
        Assert.Equal(20 * 2 * LayerWeights + 2 * HeadWeights + attended * rank.AttentionMultiplyAdds, cost.MultiplyAdds);
        Assert.Equal(5 * rank.WeightBytes + 20 * EmbeddingRowBytes + 2 * (36 + 40 + 42) * KvBytes, cost.ReadBytes);
    }

    private static long Bytes(long weights) => weights / 32 * 34;

    private static RankCost[] Costs(SynthShape shape, int tensorParallel, int pipeline)
    {
        var path = Path.GetTempFileName();
        try
        {
            SynthModelWriter.Write(shape, WeightMix.Of(TensorType.Q8_0), path, seed: 1);
            using var file = GgufFile.Open(path);
            var model = new ModelFacts(ModelConfigReader.Read(file), file.Tensors);
            var plan = ShardPlanBuilder.Build(model.Config, tensorParallel, pipeline, TensorCuts.FeedForwardUnit(model.Config, model.Tensors), version: 1).Plan!;
            return [.. plan.Shards.Select(new ModelCosts(model, s_cache).Of)];
        }
        finally
        {
            File.Delete(path);
        }
    }
}
