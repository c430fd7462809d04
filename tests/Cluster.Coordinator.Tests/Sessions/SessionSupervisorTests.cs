using System.Collections.Concurrent;
using System.Threading.Channels;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Engine.Journal;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Sessions;
using Cluster.Coordinator.Tests.Engine;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Sessions;

/// <summary>Three fake workers over gRPC, of which some come to harm.</summary>
public sealed class SessionSupervisorTests : IAsyncLifetime, IAsyncDisposable, ISessionObserver
{
    private static readonly int[] s_prompt = [1, 50, 300, 7, 7, 19, 2000, 41, 8, 3, 5];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly FakeModel _model = new(SampleTokenizer.Instance.VocabularySize);
    private readonly MembershipRegistry _registry = new(TimeProvider.System);
    private readonly ManualTimeProvider _time = new();
    private readonly List<FakeWorker> _workers = [];
    private readonly List<MemberLease> _leases = [];
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Channel<ModelSession> _sessions = Channel.CreateUnbounded<ModelSession>();
    private readonly ConcurrentQueue<string> _interruptions = [];
    private ServedModel? _served;
    private InferenceEngine? _engine;
    private Task _supervision = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _served = ServedModel.Open(RepositoryFiles.SampleModel);
        for (var i = 0; i < 3; i++) await JoinAsync($"w{i}");
        _engine = new InferenceEngine(
            new EngineModel(_served.Tokenizer, _model.VocabularySize, 128), new SchedulerOptions(), TimeSpan.FromMinutes(5), new MemoryJournal(), TimeProvider.System);
        var facts = ModelFacts.Of(_served);
        var wanted = new PlanOptions { TensorParallel = 3, Pipeline = 1, ContextLength = 128 };
        var supervisor = new SessionSupervisor(
            _registry, new PlanChoice(facts, wanted, TimeProvider.System), _engine,
            (plan, token) => ModelSession.LoadAsync(plan, _served, _engine, true, _registry, _ => { }, _time, token), _registry.Expel, this, TimeProvider.System);
        _supervision = supervisor.RunAsync(_draining.Token, _ending.Token);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _supervision.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _engine!.DisposeAsync();
        foreach (var worker in _workers) await worker.DisposeAsync();
        _served!.Dispose();
        _draining.Dispose();
        _ending.Dispose();
    }

    void ISessionObserver.Planned(ClusterPlan plan)
    {
    }

    void ISessionObserver.Serving(ModelSession session) => _sessions.Writer.TryWrite(session);

    void ISessionObserver.Interrupted(string reason) => _interruptions.Enqueue(reason);

    void ISessionObserver.Recovered(RecoveryTimes times)
    {
    }

    [Fact]
    public async Task A_text_goes_on_over_worker_after_worker()
    {
        await ServingAsync();
        var text = new TextReader(_engine!.Submit(EngineFixture.Greedy(s_prompt, 60)));
        await text.ReadAsync(5);
        await KillAsync(1);
        Assert.Equal(["w0", "w2"], (await ServingAsync()).Plan.Workers.Select(worker => worker.Name));
        await text.ReadAsync(5);
        await KillAsync(0);
        Assert.Equal(["w2"], (await ServingAsync()).Plan.Workers.Select(worker => worker.Name));
        await text.ReadAsync(5);

        // Nobody is left: it waits for whoever comes.
        await KillAsync(2);
        await JoinAsync("w3");
        Assert.Equal(["w3"], (await ServingAsync()).Plan.Workers.Select(worker => worker.Name));
        await text.ReadAsync(45);

        Assert.Equal(_model.GreedyContinuation(s_prompt, 60), text.Tokens);
        Assert.Equal(4, _workers.Count);
    }

    [Fact]
    public async Task A_worker_that_drains_is_told_to_exit_when_others_have_its_work()
    {
        await ServingAsync();
        var text = new TextReader(_engine!.Submit(EngineFixture.Greedy(s_prompt, 40)));
        await text.ReadAsync(5);
        _leases[1].Drain();

        Assert.Equal(["w0", "w2"], (await ServingAsync()).Plan.Workers.Select(worker => worker.Name));
        Assert.True((await _leases[1].Notices.ReadAsync().AsTask().WaitAsync(s_patience)).ShutDown);
        await text.ReadAsync(35);
        Assert.Equal(_model.GreedyContinuation(s_prompt, 40), text.Tokens);
        Assert.Equal(["worker 'w1' drains"], _interruptions);
    }

    [Fact]
    public async Task Nobody_is_replaced_for_comfort_while_the_coordinator_drains()
    {
        var session = await ServingAsync();
        await _draining.CancelAsync();
        _leases[0].Drain();
        var text = new TextReader(_engine!.Submit(EngineFixture.Greedy(s_prompt, 20)));
        await text.ReadAsync(20);

        Assert.False(session.Failed.IsCompleted);
        Assert.Empty(_interruptions);
    }

    [Fact]
    public async Task A_worker_whose_device_hangs_is_given_up_though_its_heart_beats()
    {
        await ServingAsync();
        var text = new TextReader(_engine!.Submit(EngineFixture.Greedy(s_prompt, 40)));
        await text.ReadAsync(5);

        // One hangs, another waits for it inside the step.
        _workers[1].Hold = _workers[2].Hold = new TaskCompletionSource().Task;
        _workers[1].HangsWhenUnloaded = true;
        await Task.WhenAll(_workers[1].Held, _workers[2].Held).WaitAsync(s_patience);
        _time.Advance(StepPatience.Least);
        await Task.WhenAll(_workers.Select(worker => worker.Unloading)).WaitAsync(s_patience);
        _workers[2].Hold = null;
        Assert.Contains("w1", _registry.Current.Members.Select(member => member.Name));

        // Only the one that hangs is waited for any more.
        while (_time.TimerCount > 1) await Task.Yield();
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["w0", "w2"], (await ServingAsync()).Plan.Workers.Select(worker => worker.Name));
        Assert.Equal(["w0", "w2"], _registry.Current.Members.Select(member => member.Name));
        Assert.True(_leases[1].Notices.Completion.IsCompleted);
        // The first has answered, but its answer may still be on its way.
        Assert.Matches("^a step is overdue: no answer from ('w0', )?'w1', 'w2'; 'w1' hangs and is given up$", Assert.Single(_interruptions));
        await text.ReadAsync(35);
        Assert.Equal(_model.GreedyContinuation(s_prompt, 40), text.Tokens);
    }

    [Fact]
    public async Task A_worker_that_cannot_load_is_left_out()
    {
        await ServingAsync();
        _workers[2].LoadProblem = "no such file";
        await KillAsync(0);

        Assert.Equal(["w1"], (await ServingAsync()).Plan.Workers.Select(worker => worker.Name));
        Assert.Contains(_interruptions, reason => reason.EndsWith("cannot load its shard: no such file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_comes_is_used_once_nothing_is_under_way()
    {
        await ServingAsync();
        await KillAsync(1);
        await ServingAsync();
        await JoinAsync("w1");

        Assert.Equal(3, (await ServingAsync()).Plan.Workers.Length);
    }

    private async Task<ModelSession> ServingAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        return await _sessions.Reader.ReadAsync(patience.Token);
    }

    private async Task JoinAsync(string name)
    {
        var worker = await FakeWorker.StartAsync(name, _model);
        _workers.Add(worker);
        _leases.Add(_registry.Join(worker.Description).Lease!);
    }

    /// <summary>Its connections break, and with them its membership.</summary>
    private async Task KillAsync(int index)
    {
        await _workers[index].KillAsync();
        _leases[index].Dispose();
    }

    private sealed class TextReader(TokenStream stream)
    {
        private readonly IAsyncEnumerator<TokenEvent> _events = stream.ReadAllAsync().GetAsyncEnumerator();

        public List<int> Tokens { get; } = [];

        public async Task ReadAsync(int tokens)
        {
            for (var count = 0; count < tokens; count++)
            {
                Assert.True(await _events.MoveNextAsync().AsTask().WaitAsync(s_patience), stream.Summary?.Error);
                Tokens.Add(_events.Current.TokenId!.Value);
            }
        }
    }
}
