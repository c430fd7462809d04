using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Sessions;
using Cluster.Coordinator.Tests.Engine;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Sessions;

/// <summary>Planning, loading, steps and loss over real gRPC, with fake workers.</summary>
public sealed class ModelSessionTests : IAsyncLifetime
{
    private static readonly int[] s_prompt = [0, 17, 900, 4, 4, 31];

    private readonly FakeModel _model = new(8192);
    private readonly MembershipRegistry _registry = new(TimeProvider.System);
    private readonly List<FakeWorker> _workers = [];
    private readonly List<MemberLease> _leases = [];
    private ServedModel? _served;

    public async Task InitializeAsync()
    {
        _served = ServedModel.Open(RepositoryFiles.SampleModel);
        for (var i = 0; i < 4; i++)
        {
            _workers.Add(await FakeWorker.StartAsync($"w{i}", _model));
            _leases.Add(_registry.Join(_workers[i].Description).Lease!);
        }
    }

    public async Task DisposeAsync()
    {
        _served!.Dispose();
        foreach (var worker in _workers) await worker.DisposeAsync();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    public async Task Text_is_the_same_on_every_split(int tensorParallel, int pipeline)
    {
        var progress = new List<LoadProgress>();
        await using (var session = await LoadAsync(tensorParallel, pipeline, progress.Add))
        {
            var (tokens, _, summary) = await EngineFixture.ReadAsync(session.Engine.Submit(EngineFixture.Greedy(s_prompt, 12)));

            Assert.Equal(_model.GreedyContinuation(s_prompt, 12), tokens);
            Assert.True(summary.WireBytesPerToken > 100 * tensorParallel * pipeline);
            Assert.Equal(12 * tensorParallel * pipeline, session.KvBytesPerToken);
            Assert.Equal(new LoadProgress(30 * tensorParallel * pipeline, 30 * tensorParallel * pipeline), progress[^1]);
        }

        var used = _workers.Take(tensorParallel * pipeline).ToArray();
        Assert.All(used, worker => Assert.Equal(1UL, worker.UnloadedPlan));
        Assert.All(used.Index(), pair => Assert.Equal((pair.Index, (ulong)new FileInfo(RepositoryFiles.SampleModel).Length), (pair.Item.Loaded!.Rank, pair.Item.Loaded.Model.Length)));
    }

    [Fact]
    public async Task A_shard_that_cannot_be_loaded_is_told_with_its_worker()
    {
        _workers[1].LoadProblem = "no such file";

        var e = await Assert.ThrowsAsync<ShardLoadingException>(() => LoadAsync(4, 1));

        Assert.Equal($"rank 1 on worker 'w1' at {_workers[1].Address} cannot load its shard: no such file", e.Message);
        Assert.Equal("w1", Assert.Single(e.Workers).Name);
    }

    [Fact]
    public async Task A_worker_that_is_killed_in_a_step_is_named_by_all_texts()
    {
        await using var session = await LoadAsync(2, 1);
        _workers[0].Hold = _workers[1].Hold = new TaskCompletionSource().Task;
        var text = EngineFixture.ReadAsync(session.Engine.Submit(EngineFixture.Greedy(s_prompt, 12)));
        await _workers[1].KillAsync();

        var summary = (await text).Summary;

        Assert.Equal(FinishReason.Error, summary.Reason);
        Assert.Contains("worker 'w1'", summary.Error, StringComparison.Ordinal);
        var failure = await session.Failed;
        Assert.Equal((StepFailureKind.WorkerLost, 1), (failure.Kind, failure.Rank));
    }

    [Fact]
    public async Task A_worker_that_leaves_is_lost_while_no_step_runs()
    {
        await using var session = await LoadAsync(2, 2);

        _leases[2].Dispose();

        var failure = await session.Failed;
        Assert.Equal((StepFailureKind.WorkerLost, 2), (failure.Kind, failure.Rank));
        var (_, _, summary) = await EngineFixture.ReadAsync(session.Engine.Submit(EngineFixture.Greedy(s_prompt, 12)));
        Assert.Contains("worker 'w2'", summary.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_a_worker_refuses_ends_with_its_reason()
    {
        await using var session = await LoadAsync(2, 1);
        _workers[0].OnResult = result => result.Error = "out of cheese";

        var (_, _, summary) = await EngineFixture.ReadAsync(session.Engine.Submit(EngineFixture.Greedy(s_prompt, 12)));

        Assert.EndsWith("(rank 0) failed a step: out of cheese", summary.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_contradicts_itself_is_refused()
    {
        await using var session = await LoadAsync(2, 1);
        _workers[1].OnResult = result => result.CandidateCounts[0] = 1000;

        var (_, _, summary) = await EngineFixture.ReadAsync(session.Engine.Submit(EngineFixture.Greedy(s_prompt, 12)));

        Assert.Contains("rank 1", summary.Error, StringComparison.Ordinal);
    }

    private Task<ModelSession> LoadAsync(int tensorParallel, int pipeline, Action<LoadProgress>? progress = null)
    {
        var options = new PlanOptions { TensorParallel = tensorParallel, Pipeline = pipeline, ContextLength = 64 };
        var plan = ClusterPlanner.Plan(_registry.Current, ModelFacts.Of(_served!), options, version: 1).Require();
        return ModelSession.LoadAsync(plan, _served!, new SchedulerOptions(), _registry, progress ?? (_ => { }), TimeProvider.System, CancellationToken.None);
    }
}
