using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Tests.Cpu.Threading;

public sealed class ClaimRangesTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 3)]
    [InlineData(7, 3)]
    [InlineData(100, 4)]
    [InlineData(1000, 7)]
    public void Every_number_is_taken_once_however_threads_race(int count, int threads)
    {
        var ranges = new ClaimRanges();
        using var team = new ThreadTeam(threads);
        var task = new TakeAll(ranges, count);
        for (var run = 1; run <= 50; run++)
        {
            ranges.Reset(count, threads);
            team.Run(task);
            foreach (var taken in task.Taken) Assert.Equal(run, taken);
        }
    }

    [Fact]
    public void A_thread_takes_its_own_range_in_order_and_then_helps_the_next()
    {
        var ranges = new ClaimRanges();
        ranges.Reset(9, 3);
        int helped = 0, other = 0;
        Assert.True(ranges.TryTake(2, ref other, out var taken));
        Assert.Equal(6, taken);

        var order = new List<int>();
        while (ranges.TryTake(1, ref helped, out taken)) order.Add(taken);

        Assert.Equal([3, 4, 5, 7, 8, 0, 1, 2], order);
        Assert.False(ranges.TryTake(2, ref other, out _));
    }

    private sealed class TakeAll(ClaimRanges ranges, int count) : TeamTask
    {
        public int[] Taken { get; } = new int[count];

        public override void Execute(int thread, int threads)
        {
            var helped = 0;
            while (ranges.TryTake(thread, ref helped, out var number)) Interlocked.Increment(ref Taken[number]);
        }
    }
}
