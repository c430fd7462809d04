using Cluster.Coordinator.Membership;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Membership;

public sealed class MembershipMonitorTests : IWorkerProbe, IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(0.25);

    private readonly ManualTimeProvider _time = new();
    private readonly MembershipRegistry _registry;
    private readonly MembershipMonitor _monitor;
    private readonly List<string> _reports = [];
    private readonly HashSet<string> _silent = [];
    private bool _answers;
    private bool _answersOthers;

    public MembershipMonitorTests()
    {
        _registry = new MembershipRegistry(_time);
        _monitor = new MembershipMonitor(_registry, this, new MonitorOptions(), (_, line) => _reports.Add(line), _time);
        for (var i = 0; i < 3; i++)
            _registry.Join(new WorkerDescription { Name = $"w{i}", Address = $"h{i}:1", Device = new Device { Id = "cpu" } });
    }

    public void Dispose() => _monitor.Dispose();

    Task<bool> IWorkerProbe.AnswersAsync(Member worker, Member? via, CancellationToken cancellationToken)
    {
        Assert.NotEqual(worker.Name, via?.Name);
        return Task.FromResult(via is null ? _answers : _answersOthers);
    }

    [Fact]
    public void Workers_that_beat_are_never_suspected()
    {
        Pass(60);

        Assert.Empty(_reports);
        Assert.Equal(3, _registry.Current.Members.Length);
    }

    [Fact]
    public void A_worker_that_answers_nobody_is_suspected_and_then_lost()
    {
        _silent.Add("w1");
        Pass(2);
        Assert.Contains("worker 'w1' is suspected", Assert.Single(_reports), StringComparison.Ordinal);
        Assert.Equal(3, _registry.Current.Members.Length);

        Pass(3.5);
        Assert.Contains("worker 'w1' is lost", _reports[^1], StringComparison.Ordinal);
        Assert.Equal(["w0", "w2"], _registry.Current.Members.Select(member => member.Name));
    }

    [Fact]
    public void A_slow_worker_is_not_a_dead_one()
    {
        _silent.Add("w1");
        _answers = true;
        Pass(60);

        Assert.Equal(3, _registry.Current.Members.Length);
    }

    [Fact]
    public void A_worker_that_only_others_reach_is_waited_for_longer()
    {
        _silent.Add("w1");
        _answersOthers = true;
        Pass(14);
        Assert.Equal(3, _registry.Current.Members.Length);

        Pass(2);
        Assert.EndsWith("though others reach it", _reports[^1], StringComparison.Ordinal);
        Assert.Equal(2, _registry.Current.Members.Length);
    }

    private void Pass(double seconds)
    {
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(seconds); passed += s_tick)
        {
            foreach (var lease in _registry.Leases)
            {
                if (!_silent.Contains(lease.Member.Name)) lease.Touch();
            }

            _time.Advance(s_tick);
        }
    }
}
