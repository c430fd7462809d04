using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Sessions;

namespace Cluster.Coordinator.Tests.Fakes;

/// <summary>A model loaded over fake workers.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    private FakeCluster(IReadOnlyList<FakeWorker> workers, ModelSession session)
    {
        Workers = workers;
        Session = session;
    }

    public IReadOnlyList<FakeWorker> Workers { get; }

    public ModelSession Session { get; }

    /// <summary>How the cache stood when it was last looked at.</summary>
    public CacheSnapshot Blocks { get; private set; } = null!;

    /// <summary>Tokens that steps took in so far.</summary>
    public int StepTokens => Workers[0].StepTokens;

    public static async Task<FakeCluster> StartAsync(ServedModel served, FakeModel model, PlanOptions options)
    {
        var registry = new MembershipRegistry(TimeProvider.System);
        var workers = new List<FakeWorker>();
        for (var i = 0; i < options.TensorParallel * options.Pipeline; i++)
        {
            workers.Add(await FakeWorker.StartAsync($"w{i}", model));
            registry.Join(workers[i].Description);
        }

        var plan = ClusterPlanner.Plan(registry.Current, ModelFacts.Of(served), options, version: 1).Require();
        var session = await ModelSession.LoadAsync(
            plan, served, new SchedulerOptions(), registry, _ => { }, TimeProvider.System, CancellationToken.None);
        return new FakeCluster(workers, session);
    }

    /// <summary>Between two steps, with no text under way, every block is free or cached.</summary>
    public async Task AssertNothingHeldAsync()
    {
        await Session.Engine.RunBetweenStepsAsync(parts =>
        {
            Blocks = parts.Blocks.Snapshot;
            return ValueTask.CompletedTask;
        });
        Assert.Equal(0, Blocks.UsedBlocks);
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        foreach (var worker in Workers) await worker.DisposeAsync();
    }
}
