using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>What a whole test costs one rank at least.</summary>
/// <param name="Tokens">Tokens that the test counts, of all sequences.</param>
/// <param name="ReadBytes">Bytes of weights, embeddings, keys and values that are read.</param>
/// <param name="MultiplyAdds">Multiply-adds of matrices and attention.</param>
internal readonly record struct TestCost(double Tokens, double ReadBytes, double MultiplyAdds)
{
    /// <param name="rank">What tokens cost.</param>
    /// <param name="test">The test.</param>
    /// <param name="prefillChunk">Prompt tokens of a step at most.</param>
    public static TestCost Of(RankCost rank, BenchmarkTest test, int prefillChunk) =>
        test.IsPrefill ? OfPrefill(rank, test, prefillChunk) : OfDecode(rank, test);

    /// <summary>One step for each token after the first; all sequences share it, and with it the weights.</summary>
    private static TestCost OfDecode(RankCost rank, BenchmarkTest test)
    {
        // The prompt of one token is in the cache too; each token attends to itself.
        var first = test.Depth + 2.0;
        var attended = test.Generate * (first + (test.Generate - 1) / 2.0) * test.Batch;
        double tokens = (double)test.Generate * test.Batch;
        return new TestCost(
            tokens,
            (double)test.Generate * rank.WeightBytes + tokens * rank.EmbeddingRowBytes + attended * rank.KvBytesPerToken,
            tokens * (rank.LayerMultiplyAdds + rank.HeadMultiplyAdds) + attended * rank.AttentionMultiplyAdds);
    }

    /// <summary>Steps of a chunk, sequence after sequence; the cache is read once a step, logits are made of the last tokens alone.</summary>
    private static TestCost OfPrefill(RankCost rank, BenchmarkTest test, int prefillChunk)
    {
        double tokens = (double)test.Prompt * test.Batch;
        var steps = Math.Ceiling(tokens / prefillChunk);
        var attended = test.Prompt * (test.Depth + (test.Prompt + 1) / 2.0) * test.Batch;
        double cached = 0;
        for (var done = 0; done < test.Prompt; done += prefillChunk) cached += test.Depth + Math.Min(done + prefillChunk, test.Prompt);
        return new TestCost(
            tokens,
            steps * rank.WeightBytes + tokens * rank.EmbeddingRowBytes + cached * test.Batch * rank.KvBytesPerToken,
            tokens * rank.LayerMultiplyAdds + test.Batch * rank.HeadMultiplyAdds + attended * rank.AttentionMultiplyAdds);
    }
}
