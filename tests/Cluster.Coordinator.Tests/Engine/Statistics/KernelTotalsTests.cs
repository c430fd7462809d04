using Cluster.Coordinator.Engine.Statistics;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Engine.Statistics;

public sealed class KernelTotalsTests
{
    private static readonly StepResult s_gpu = new()
    {
        Kernels =
        {
            Kernel("vector", KernelPart.ColumnProducts, 32, 4_000, 9_000),
            Kernel("vector", KernelPart.RowProducts, 64, 6_000, 8_000),
            Kernel("copy", KernelPart.Exchange, 64, 700, 100),
            Kernel("norm", KernelPart.Other, 65, 300, 50),
        },
    };

    [Fact]
    public async Task Steps_are_timed_while_it_is_asked_for()
    {
        await using var fixture = new EngineFixture(ranks: 2, prefillChunk: 4);
        var totals = new KernelTotals(2);
        int[] prompt = [3, 1, 4, 1, 5, 9, 2];
        await fixture.RunAsync(EngineFixture.Greedy(prompt, 2));
        await SetAsync(totals);
        await fixture.RunAsync(EngineFixture.Greedy([2, 7, 1, 8, 2, 8], 3));
        await SetAsync(null);
        await fixture.RunAsync(EngineFixture.Greedy(prompt, 5));

        // Two chunks of the prompt, then two tokens after the first.
        var kernels = totals.ToBreakdown();
        var sum = new KernelSum("fake", KernelPart.Head, 4, 4 * 500, 6 + 2, 0);
        Assert.Equal(4, kernels.Steps);
        Assert.All(kernels.Ranks, rank => Assert.Equal(sum, Assert.Single(rank)));

        Task SetAsync(KernelTotals? kernels) => fixture.Engine.RunBetweenStepsAsync(parts =>
        {
            parts.Steps.Kernels = kernels;
            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void Sums_are_by_kernel_and_part_longest_first()
    {
        var totals = new KernelTotals(2);
        totals.Add([s_gpu, new StepResult()]);
        totals.Add([s_gpu, new StepResult()]);
        var kernels = totals.ToBreakdown();
        Assert.Equal(2, kernels.Steps);
        Assert.Empty(kernels.Ranks[1]);
        Assert.Equal<KernelSum>(
        [
            new KernelSum("vector", KernelPart.RowProducts, 128, 12_000, 16_000, 32_000),
            new KernelSum("vector", KernelPart.ColumnProducts, 64, 8_000, 18_000, 36_000),
            new KernelSum("copy", KernelPart.Exchange, 128, 1_400, 200, 400),
            new KernelSum("norm", KernelPart.Other, 130, 600, 100, 200),
        ], kernels.Ranks[0]);
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(900, 4500)]
    public void Parts_of_a_rank_on_a_GPU_are_its_kernels_for_as_many_steps_as_were_measured(int hostWire, int wire)
    {
        var totals = new KernelTotals(2);
        totals.Add([s_gpu, new StepResult()]);
        totals.Add([s_gpu, new StepResult()]);

        // Ten steps were measured, and two more timed, whose exchange took this long by the rank's clock.
        var corrected = totals.ToBreakdown().Correct(Steps(10, 0, 300), Steps(2, hostWire, 0));

        var gpu = corrected.Ranks[0];
        Assert.Equal(
            new RankTimes(TimeSpan.Zero, Microseconds(40), Microseconds(60), TimeSpan.Zero, Microseconds(wire), Microseconds(300), Microseconds(3)), gpu);
        Assert.Equal(Steps(10, 0, 300).Ranks[1], corrected.Ranks[1]);
    }

    private static StepBreakdown Steps(long steps, int wire, int wait)
    {
        var times = new RankTimes(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, Microseconds(70), Microseconds(wire), Microseconds(wait), TimeSpan.Zero);
        return new StepBreakdown
        {
            Steps = steps,
            Tokens = steps,
            Total = TimeSpan.FromMilliseconds(steps),
            Stream = TimeSpan.Zero,
            Sampling = TimeSpan.Zero,
            Slowest = TimeSpan.Zero,
            WireBytes = 0,
            Ranks = [times, times],
        };
    }

    private static TimeSpan Microseconds(int count) => TimeSpan.FromMicroseconds(count);

    private static KernelTime Kernel(string name, KernelPart part, uint launches, ulong nanoseconds, ulong bytes) =>
        new() { Name = name, Part = part, Launches = launches, Nanoseconds = nanoseconds, Bytes = bytes, MultiplyAdds = 2 * bytes };
}
