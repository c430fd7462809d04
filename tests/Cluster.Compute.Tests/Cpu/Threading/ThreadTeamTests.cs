using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Tests.Cpu.Threading;

public sealed class ThreadTeamTests
{
    public static TheoryData<int> ThreadCounts => [1, 2, 3, 8];

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Each_run_executes_every_part_once(int threads)
    {
        using var team = new ThreadTeam(threads);
        var task = new CountingTask(threads);

        for (var run = 1; run <= 2_000; run++)
        {
            team.Run(task);
            foreach (var runs in task.Runs) Assert.Equal(run, runs);
        }

        Assert.Equal(0, task.WrongThreadCount);
    }

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Runs_after_threads_had_time_to_park_still_execute_every_part(int threads)
    {
        using var team = new ThreadTeam(threads);
        var task = new CountingTask(threads);

        for (var run = 1; run <= 30; run++)
        {
            team.Run(task);

            // As a rule long enough for the others to park, and right in either case: they look around for a quarter of a millisecond.
            for (var i = 0; i < 3_000; i++) Thread.Yield();
            foreach (var runs in task.Runs) Assert.Equal(run, runs);
        }
    }

    [Fact]
    public void Work_of_a_late_thread_is_done_by_the_caller()
    {
        // Far more threads than cores: most have not even started when the first run begins.
        using var team = new ThreadTeam(64);
        var task = new CountingTask(64);
        team.Run(task);
        foreach (var runs in task.Runs) Assert.Equal(1, runs);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Failure_of_another_part_is_wrapped_and_the_team_goes_on(int failing)
    {
        using var team = new ThreadTeam(4);
        var task = new CountingTask(4);
        task.Failing.Add(failing);

        var failure = Assert.Throws<InvalidOperationException>(() => team.Run(task));
        Assert.Equal($"part {failing}", failure.Message);
        Assert.IsType<InvalidDataException>(failure.InnerException);
        foreach (var runs in task.Runs) Assert.Equal(1, runs);

        task.Failing.Clear();
        team.Run(task);
        foreach (var runs in task.Runs) Assert.Equal(2, runs);
    }

    [Fact]
    public void Failure_of_the_callers_part_comes_after_all_parts_ended_and_hides_no_later_run()
    {
        using var team = new ThreadTeam(3);
        var task = new CountingTask(3);
        task.Failing.UnionWith([0, 1, 2]);

        Assert.Equal("part 0", Assert.Throws<InvalidDataException>(() => team.Run(task)).Message);
        foreach (var runs in task.Runs) Assert.Equal(1, runs);

        task.Failing.Clear();
        team.Run(task);
        foreach (var runs in task.Runs) Assert.Equal(2, runs);
    }

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Dispose_ends_threads_that_spin_and_threads_that_never_ran(int threads)
    {
        for (var i = 0; i < 20; i++)
        {
            var team = new ThreadTeam(threads);
            if (i % 2 == 0) team.Run(new CountingTask(threads));
            team.Dispose();
            team.Dispose();
            Assert.Throws<ObjectDisposedException>(() => team.Run(new CountingTask(threads)));
        }
    }

    [Fact]
    public void Results_of_all_parts_are_visible_to_the_caller()
    {
        using var team = new ThreadTeam(4);
        var task = new SquareTask();
        for (var run = 0; run < 500; run++)
        {
            task.Offset = run;
            team.Run(task);
            for (var i = 0; i < task.Results.Length; i++) Assert.Equal((long)(i + run) * (i + run), task.Results[i]);
        }
    }

    private sealed class SquareTask : TeamTask
    {
        public long[] Results { get; } = new long[257];

        public int Offset { get; set; }

        public override void Execute(int thread, int threads)
        {
            for (var i = thread; i < Results.Length; i += threads) Results[i] = (long)(i + Offset) * (i + Offset);
        }
    }
}
