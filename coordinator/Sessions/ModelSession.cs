using System.Collections.Immutable;
using Cluster.Coordinator.CacheFiles;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Engine.Journal;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Coordinator.Sessions;

/// <summary>One model loaded over the workers of one plan, and the engine that drives it: one of its own, or one that outlives it. Ends with its plan.</summary>
internal sealed class ModelSession : IAsyncDisposable
{
    private static readonly TimeSpan s_unloadPatience = TimeSpan.FromSeconds(2);

    /// <summary>The same where one may hang, and a slow one must not be taken for it.</summary>
    private static readonly TimeSpan s_overduePatience = TimeSpan.FromSeconds(5);

    private readonly RankGroup _ranks;
    private readonly bool _ownsEngine;
    private readonly TimeProvider _time;
    private bool _isUnloaded;
    private readonly CancellationTokenSource _watching = new();
    private readonly Task _watch;

    private ModelSession(
        ClusterPlan plan, RankGroup ranks, InferenceEngine engine, bool ownsEngine, ImmutableArray<ShardReady> shards, CacheFileService cacheFiles,
        IMembership membership, TimeProvider time)
    {
        _time = time;
        Plan = plan;
        Engine = engine;
        Shards = shards;
        CacheFiles = cacheFiles;
        _ranks = ranks;
        _ownsEngine = ownsEngine;
        _watch = WatchAsync(membership);
    }

    public ClusterPlan Plan { get; }

    public InferenceEngine Engine { get; }

    /// <summary>What each rank's shard takes, as its worker counted it.</summary>
    public ImmutableArray<ShardReady> Shards { get; }

    /// <summary>What ranks of stages sum by that do it on their devices.</summary>
    public IEnumerable<string> GroupLibraries => Shards.Select(shard => shard.GroupLibrary).Where(library => library.Length > 0).Distinct();

    /// <summary>Saves and restores what is cached.</summary>
    public CacheFileService CacheFiles { get; }

    /// <summary>The ways to the workers, by rank.</summary>
    public IReadOnlyList<RankConnection> Ranks => _ranks.Ranks;

    /// <summary>Completes when a step can never be executed again, with the reason.</summary>
    public Task<StepFailure> Failed => _ranks.Failed;

    /// <summary>Bytes of keys and values of one token, all ranks together.</summary>
    public long KvBytesPerToken => Shards.Sum(shard => (long)shard.KvBytesPerToken);

    /// <summary>Completes when texts that an engine brought with it go on.</summary>
    public required Task<ResumedTexts> Resumed { get; init; }

    /// <summary>A session with an engine of its own.</summary>
    /// <exception cref="ClusterException">A shard could not be loaded.</exception>
    public static Task<ModelSession> LoadAsync(
        ClusterPlan plan, ServedModel model, SchedulerOptions scheduling, IMembership membership, Action<LoadProgress> progress, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var engine = new InferenceEngine(
            new EngineModel(model.Tokenizer, model.Config.VocabularySize, plan.ContextLength) { HiddenSize = model.Config.HiddenSize }, scheduling, TimeSpan.Zero, new MemoryJournal(), time);
        return LoadAsync(plan, model, engine, true, scheduling.PrefixCache, membership, progress, time, cancellationToken);
    }

    /// <summary>A session that an engine is given to go on with.</summary>
    /// <exception cref="ClusterException">A shard could not be loaded.</exception>
    public static Task<ModelSession> LoadAsync(
        ClusterPlan plan, ServedModel model, InferenceEngine engine, bool prefixCache, IMembership membership, Action<LoadProgress> progress,
        TimeProvider time, CancellationToken cancellationToken) =>
        LoadAsync(plan, model, engine, false, prefixCache, membership, progress, time, cancellationToken);

    private static async Task<ModelSession> LoadAsync(
        ClusterPlan plan, ServedModel model, InferenceEngine engine, bool ownsEngine, bool prefixCache, IMembership membership,
        Action<LoadProgress> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var ranks = new RankGroup(
            plan.Version, plan.Shards.TensorParallelSize, plan.Workers.Select((worker, rank) => new RankConnection(rank, worker, membership.Connect(worker))), time);
        try
        {
            var shards = await new ShardLoading(plan, model.Reference, progress).RunAsync(ranks.Ranks, cancellationToken).ConfigureAwait(false);
            ranks.Open();
            return new ModelSession(plan, ranks, engine, ownsEngine, shards, new CacheFileService(engine, plan, model, ranks.Ranks, time), membership, time)
            {
                Resumed = engine.Attach(ranks, new BlockManager(plan.BlockCount, plan.Options.BlockTokens, prefixCache), plan.ContextLength),
            };
        }
        catch
        {
            if (ownsEngine) await engine.DisposeAsync().ConfigureAwait(false);
            await ranks.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// After a step that was overdue: which workers hang. All were told to let go of the step; those that wait for others do so at once, and only a
    /// device that does not return keeps its shard from being unloaded.
    /// </summary>
    public async Task<ImmutableArray<Member>> FindHungAsync()
    {
        _isUnloaded = true;
        var isUnloaded = await Task.WhenAll(_ranks.Ranks.Select(rank => UnloadAsync(rank, s_overduePatience))).ConfigureAwait(false);
        return [.. Plan.Workers.Where((_, rank) => !isUnloaded[rank])];
    }

    /// <summary>Ends the sequences under way and frees the shards of workers that can still be reached.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(false);
        if (!_ranks.Failed.IsCompleted) _ranks.Fail(new StepFailure(StepFailureKind.Cancelled, 0, "the session is ending"));
        if (_ownsEngine) await Engine.DisposeAsync().ConfigureAwait(false);
        if (!_isUnloaded) await Task.WhenAll(_ranks.Ranks.Select(rank => UnloadAsync(rank, s_unloadPatience))).ConfigureAwait(false);
        await _ranks.DisposeAsync().ConfigureAwait(false);
        _watching.Dispose();
    }

    /// <returns>False when the worker is there, but its shard does not end.</returns>
    private async Task<bool> UnloadAsync(RankConnection rank, TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit, _time);
        try
        {
            await rank.UnloadAsync(Plan.Version, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
        {
            // A worker that is gone has no shard.
            return !patience.IsCancellationRequested;
        }
    }

    /// <summary>A member that leaves is lost also while no step waits for it.</summary>
    private async Task WatchAsync(IMembership membership)
    {
        try
        {
            var snapshot = await membership.WhenAsync(current => !Plan.Workers.All(current.Includes), _watching.Token).ConfigureAwait(false);
            var rank = 0;
            while (snapshot.Includes(Plan.Workers[rank])) rank++;
            _ranks.Fail(new StepFailure(
                StepFailureKind.WorkerLost, rank, $"worker '{Plan.Workers[rank].Name}' at {Plan.Workers[rank].Address} (rank {rank}) is lost: it left the cluster"));
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
    }
}
