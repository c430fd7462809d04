using Cluster.Compute.Cpu;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Model.Processors;

namespace Cluster.Compute.Tests.Cpu.Threading;

public sealed class ThreadAffinityTests
{
    [Fact]
    public void EveryThreadOfATeamIsTiedToOneProcessor()
    {
        if (!OperatingSystem.IsLinux()) return;
        var allowed = ThreadAffinity.Allowed();
        Assert.True(CpuList.TryParse(string.Join(',', allowed.TakeLast(2)), out var cpus));
        var task = new AffinityTask();
        IReadOnlyList<int> own = [];

        // On a thread of its own, which stays tied.
        var caller = new Thread(() =>
        {
            using var team = new ThreadTeam(3, cpus);
            for (var run = 0; run < 200; run++) team.Run(task);
            own = ThreadAffinity.Allowed();
        });
        caller.Start();
        caller.Join();

        Assert.Equal([cpus.Numbers[0]], own);
        Assert.Contains(cpus.Numbers[0], task.Seen);
        Assert.Subset(cpus.Numbers.ToHashSet(), task.Seen);
        Assert.Equal(allowed, ThreadAffinity.Allowed());
    }

    [Fact]
    public void ADeviceHasAThreadForEachProcessorThatItIsTiedTo()
    {
        if (!OperatingSystem.IsLinux()) return;
        Assert.True(CpuList.TryParse(string.Join(',', ThreadAffinity.Allowed()), out var cpus));

        using var device = new CpuDeviceProvider().Open(0, new DeviceOptions { Cpus = cpus });
        using var wider = new CpuDeviceProvider().Open(0, new DeviceOptions { Cpus = cpus, Threads = cpus.Numbers.Length + 1 });

        Assert.Equal(cpus.Numbers.Length, device.Description.Threads);
        Assert.Equal(cpus.Numbers.Length + 1, wider.Description.Threads);
    }

    [Fact]
    public void AProcessorThatIsNotThereIsNamed()
    {
        if (!OperatingSystem.IsLinux()) return;
        var missing = Enumerable.Range(0, CpuList.Limit).Except(ThreadAffinity.Allowed()).First();
        Assert.True(CpuList.TryParse($"{missing}", out var cpus));

        var e = Assert.Throws<DeviceUnavailableException>(() => new CpuDeviceProvider().Open(0, new DeviceOptions { Cpus = cpus }));

        Assert.StartsWith($"processor {missing} of {missing} is none that this process may use (", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Notes which processor each of its parts is tied to, or -1.</summary>
    private sealed class AffinityTask : TeamTask
    {
        private readonly Lock _lock = new();

        public HashSet<int> Seen { get; } = [];

        public override void Execute(int thread, int threads)
        {
            var allowed = ThreadAffinity.Allowed();
            lock (_lock) Seen.Add(allowed.Count == 1 ? allowed[0] : -1);
        }
    }
}
