namespace Cluster.Coordinator.Membership;

/// <summary>
/// Tells dead workers from slow ones. A broken stream ends a membership at once; a worker that is stopped, or whose link is cut, breaks none:
/// it falls silent. It is suspected then, and asked; it is lost when it answers neither us nor, for a while longer, others.
/// </summary>
internal sealed class MembershipMonitor : IDisposable
{
    private readonly MembershipRegistry _registry;
    private readonly IWorkerProbe _probe;
    private readonly MonitorOptions _options;
    private readonly Action<Member, string> _report;
    private readonly TimeProvider _time;
    private readonly Dictionary<MemberLease, Suspicion> _suspicions = [];
    private readonly ITimer _timer;
    private long _lastLook;

    /// <param name="registry">Who there is.</param>
    /// <param name="probe">Asks those who are silent.</param>
    /// <param name="options">How long is too long.</param>
    /// <param name="report">Told of suspicions and losses, in one line.</param>
    /// <param name="time">The clock.</param>
    public MembershipMonitor(MembershipRegistry registry, IWorkerProbe probe, MonitorOptions options, Action<Member, string> report, TimeProvider time)
    {
        _registry = registry;
        _probe = probe;
        _options = options;
        _report = report;
        _time = time;
        _lastLook = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(options.Interval, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var leases = _registry.Leases;

        // When we were not there ourselves, the silence was ours.
        var wasAway = _time.GetElapsedTime(_lastLook) > _options.Suspicion;
        _lastLook = _time.GetTimestamp();
        foreach (var lease in leases)
        {
            if (wasAway) lease.Touch();
            var silence = lease.Silence;
            if (silence < _options.Suspicion) _suspicions.Remove(lease);
            else Suspect(lease, silence);
        }

        foreach (var gone in _suspicions.Keys.Where(lease => !leases.Contains(lease)).ToList()) _suspicions.Remove(gone);
        _timer.Change(_options.Interval, Timeout.InfiniteTimeSpan);
    }

    private void Suspect(MemberLease lease, TimeSpan silence)
    {
        if (!_suspicions.TryGetValue(lease, out var suspicion))
        {
            _suspicions[lease] = suspicion = new Suspicion();
            _report(lease.Member, $"worker '{lease.Member.Name}' is suspected: it has been silent for {silence.TotalSeconds:0.0} s");
        }

        if (silence >= (suspicion.IsSeenByOthers ? _options.Unreachable : _options.Loss))
        {
            _suspicions.Remove(lease);
            lease.Dispose();
            _report(lease.Member, $"worker '{lease.Member.Name}' is lost: it has been silent for {silence.TotalSeconds:0.0} s{(suspicion.IsSeenByOthers ? ", though others reach it" : "")}");
        }
        else if (suspicion.Asking.IsCompleted)
        {
            suspicion.Asking = AskAsync(lease, suspicion);
        }
    }

    private async Task AskAsync(MemberLease lease, Suspicion suspicion)
    {
        using var patience = new CancellationTokenSource(_options.ProbeTimeout, _time);
        var witnesses = _registry.Leases.Where(other => other != lease && other.Silence < _options.Suspicion).Take(_options.Witnesses);
        var others = witnesses.Select(witness => _probe.AnswersAsync(lease.Member, witness.Member, patience.Token)).ToArray();
        if (await _probe.AnswersAsync(lease.Member, null, patience.Token).ConfigureAwait(false)) lease.Touch();
        suspicion.IsSeenByOthers = (await Task.WhenAll(others).ConfigureAwait(false)).Contains(true);
    }

    private sealed class Suspicion
    {
        private volatile bool _isSeenByOthers;

        public bool IsSeenByOthers
        {
            get => _isSeenByOthers;
            set => _isSeenByOthers = value;
        }

        public Task Asking { get; set; } = Task.CompletedTask;
    }
}
