using Cluster.Protos.V1;
using Cluster.Worker.Tests.Support;

namespace Cluster.Worker.Tests.Steps;

public sealed class StepTimesTests
{
    [Fact]
    public async Task AnAnswerTellsWhereItsTimeWent()
    {
        await using var shard = new SampleShard(1);
        var result = new StepResult();

        Assert.True(shard.Runner.Run(Requests.Step(1, 1).WithRow(0, candidates: 5), result));

        ulong[] parts = [result.AttentionNanoseconds, result.ColumnProductNanoseconds, result.RowProductNanoseconds, result.HeadNanoseconds];
        Assert.All(parts, part => Assert.NotEqual(0ul, part));
        Assert.InRange(parts.Aggregate((sum, part) => sum + part), 1ul, result.TotalNanoseconds);
        Assert.Equal((0ul, 0ul), (result.ExchangeNanoseconds, result.WaitNanoseconds));

        var again = Requests.Step(1, 1).WithRow(0, candidates: 50);
        again.TokenIds.Clear();
        again.SummarizeAgain = true;
        Assert.True(shard.Runner.Run(again, result), result.Error);
        Assert.Equal((0ul, 0ul), (result.AttentionNanoseconds, result.RowProductNanoseconds));
        Assert.InRange(result.HeadNanoseconds, 1ul, result.TotalNanoseconds);
    }
}
