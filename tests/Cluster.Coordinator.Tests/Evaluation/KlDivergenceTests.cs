using Cluster.Coordinator.Evaluation;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Evaluation;

public sealed class KlDivergenceTests
{
    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(2, 0.05)]
    [InlineData(3, 1e-3)]
    [InlineData(7, 30.0)] // parts whose share of the probability is next to nothing
    public void Parts_of_a_vocabulary_merge_to_the_whole(int ranks, double distance)
    {
        const int Vocabulary = 500;
        var random = new Random(8);
        var baseline = Enumerable.Range(0, Vocabulary).Select(_ => 20 * random.NextDouble()).ToArray();
        var logits = baseline.Select(logit => logit + distance * (random.NextDouble() - 0.5)).ToArray();

        var results = Enumerable.Range(0, ranks).Select(rank =>
        {
            var part = (Vocabulary * rank / ranks)..(Vocabulary * (rank + 1) / ranks);
            return Partial.Of(baseline[part], logits[part]);
        }).ToArray();

        var (all, other) = (Partial.LogSumExp(baseline), Partial.LogSumExp(logits));
        var expected = baseline.Zip(logits).Sum(pair => Math.Exp(pair.First - all) * (pair.First - all - (pair.Second - other)));
        Assert.Equal(expected, KlDivergence.Merge(results, 0), 1e-12 + expected * 1e-10);
    }

    [Fact]
    public void A_part_without_probability_counts_nothing()
    {
        double[] baseline = [1, 2, 3], logits = [1.5, 2, 2.5];
        StepResult[] whole = [Partial.Of(baseline, logits)];
        StepResult[] withEmpty = [Partial.Of([double.NegativeInfinity], [double.NegativeInfinity]), .. whole];

        Assert.Equal(KlDivergence.Merge(whole, 0), KlDivergence.Merge(withEmpty, 0), 1e-15);
    }
}
