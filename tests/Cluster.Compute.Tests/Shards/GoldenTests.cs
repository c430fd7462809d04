using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Shards;

/// <summary>Every split computes what an independent float64 program computed.</summary>
public sealed class GoldenTests
{
    private const string Storyteller = "models/storyteller-29m-f16.gguf";
    private const string Stories = "models/stories260K.gguf";

    [SharedTheory(Storyteller, "golden/storyteller-29m.json")]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(1, 2)]
    [InlineData(1, 4)]
    [InlineData(1, 8)]
    [InlineData(2, 2)]
    public void Storyteller_matches_on_every_split(int tensorParallel, int pipeline)
    {
        using var cluster = new InProcessCluster(
            RepositoryFiles.Shared(Storyteller), tensorParallel, pipeline, new KvCacheFormat { KeyType = TensorType.F32, ValueType = TensorType.F32 });
        foreach (var golden in GoldenPrompt.Storyteller())
        {
            AssertPromptMatches(cluster, golden);
            Assert.Equal(golden.GreedyTokens, cluster.Greedy(golden.PromptTokens, golden.GreedyTokens.Length));
        }
    }

    [SharedTheory(Storyteller, "golden/storyteller-29m.json")]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(2, 2)]
    public void Plain_weights_give_the_same_logits_to_the_bit_on_every_split(int tensorParallel, int pipeline)
    {
        // Keys of four bits: a last bit that differed would tip codes over, and soon show.
        var format = new KvCacheFormat { KeyType = TensorType.Q4_0, ValueType = TensorType.Q4_0 };
        using var whole = new InProcessCluster(RepositoryFiles.Shared(Storyteller), 1, 1, format, threads: 2);
        using var split = new InProcessCluster(RepositoryFiles.Shared(Storyteller), tensorParallel, pipeline, format);
        var prompt = GoldenPrompt.Storyteller().SelectMany(golden => golden.PromptTokens.Concat(golden.GreedyTokens)).Take(300).ToArray();
        var row = (prompt.Length - 1, 10, Array.Empty<int>());
        Assert.Equal(whole.Step(prompt, 0, row)[0].Candidates[..10], split.Step(prompt, 0, row)[0].Candidates[..10]);
    }

    [SharedTheory(Storyteller, "golden/storyteller-29m.json")]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Chunks_of_any_length_give_the_same_tokens(int chunk)
    {
        using var cluster = new InProcessCluster(RepositoryFiles.Shared(Storyteller), 2, 2, new KvCacheFormat { KeyType = TensorType.F32, ValueType = TensorType.F32 }, threads: 2);
        foreach (var golden in GoldenPrompt.Storyteller())
        {
            Assert.Equal(golden.GreedyTokens, cluster.Greedy(golden.PromptTokens, golden.GreedyTokens.Length, chunk));
        }
    }

    [SharedTheory(Stories, "golden/stories260K.json")]
    [InlineData(1, TensorType.F32)]
    [InlineData(2, TensorType.F32)]
    [InlineData(1, TensorType.F16)]
    [InlineData(2, TensorType.F16)]
    public void Stories260K_with_heads_of_8_matches(int tensorParallel, TensorType cacheType)
    {
        using var cluster = new InProcessCluster(RepositoryFiles.Shared(Stories), tensorParallel, 1, new KvCacheFormat { KeyType = cacheType, ValueType = cacheType });
        var golden = GoldenPrompt.Stories260K();
        Assert.Equal(golden.GreedyTokens, cluster.Greedy(golden.PromptTokens, golden.GreedyTokens.Length));
    }

    private static void AssertPromptMatches(InProcessCluster cluster, GoldenPrompt golden)
    {
        var prompt = golden.PromptTokens;
        var scored = new (int, int, int[])[prompt.Length];
        for (var i = 0; i < prompt.Length - 1; i++) scored[i] = (i, 0, [prompt[i + 1]]);
        scored[^1] = (prompt.Length - 1, golden.TopTokens.Length, []);
        var rows = cluster.Step(prompt, 0, scored);

        var nll = 0.0;
        for (var i = 0; i < prompt.Length - 1; i++) nll += rows[i].LogSumExp - rows[i].Requested[prompt[i + 1]];
        Assert.Equal(golden.MeanNll, nll / (prompt.Length - 1), 1e-3);
        for (var i = 0; i < golden.TopTokens.Length; i++)
        {
            Assert.Equal(golden.TopTokens[i], rows[^1].Candidates[i].Id);
            Assert.Equal(golden.TopLogits[i], rows[^1].Candidates[i].Logit, 2e-2);
        }
    }
}
