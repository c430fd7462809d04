using Cluster.Compute.Steps;
using Cluster.Protos.V1;
using Cluster.Worker.Steps;
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

    [Fact]
    public async Task AProcessorHasNoKernelsToTime()
    {
        await using var shard = new SampleShard(1);
        var result = new StepResult();
        var request = Requests.Step(1, 1).WithRow(0, candidates: 5);
        request.TimeKernels = true;

        Assert.True(shard.Runner.Run(request, result), result.Error);

        Assert.Empty(result.Kernels);
    }

    [Fact]
    public void AnAnswerTellsWhatKernelsTook()
    {
        var times = new StepTimes();
        times.Begin(StepPart.Other, hasKernels: true);
        foreach (var part in Enum.GetValues<StepPart>()) times.Kernels.Add(new KernelTotal($"kernel of {part}", part, 3, 5_000 + (int)part, 70_000, 90_000));
        var result = new StepResult();

        StepResultWriter.SetTimes(result, 10, 0, times);

        Assert.Equal(
            Enum.GetValues<StepPart>().Select(part => new KernelTime
            {
                Name = $"kernel of {part}",
                Part = Enum.Parse<KernelPart>(part.ToString()),
                Launches = 3,
                Nanoseconds = 5_000 + (ulong)part,
                Bytes = 70_000,
                MultiplyAdds = 90_000,
            }),
            result.Kernels);
    }
}
