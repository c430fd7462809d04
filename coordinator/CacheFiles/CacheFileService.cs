using System.Collections.Immutable;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.KvCache.Files;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.CacheFiles;

/// <summary>
/// Saves texts' cached blocks to files, and restores them into the cache of any plan of the same model and cache format. The blocks are leased
/// meanwhile and no step writes to them, so that the engine goes on.
/// </summary>
internal sealed class CacheFileService(
    InferenceEngine engine, ClusterPlan plan, ServedModel model, IReadOnlyList<RankConnection> ranks, TimeProvider time)
{
    /// <summary>Saves as much of the text, from its beginning, as is cached in whole blocks.</summary>
    /// <exception cref="ClusterException">Nothing of it is cached, or a worker fails.</exception>
    /// <exception cref="KvCacheFileException">The file cannot be written.</exception>
    /// <exception cref="EngineException">The ranks failed, or the engine ended.</exception>
    public async Task<SavedCache> SaveAsync(string path, ReadOnlyMemory<int> tokens, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var table = new BlockTable();
        var count = 0;
        await RunAsync(blocks => count = blocks.FindCached(table, tokens.Span)).ConfigureAwait(false);
        try
        {
            if (count == 0)
                throw new ClusterException($"nothing can be saved: no block of {plan.Options.BlockTokens} tokens is cached of this text of {tokens.Length}");

            using var file = KvCacheFileWriter.Create(path, Header(tokens.Span[..count]));
            await new CacheGatherer(plan.Shards, ranks).RunAsync(Region(table.Blocks, count), file, cancellationToken).ConfigureAwait(false);
            return new SavedCache(count, file.Complete(), time.GetElapsedTime(started));
        }
        finally
        {
            await ReleaseAsync(table).ConfigureAwait(false);
        }
    }

    /// <summary>Restores as many whole blocks of a file's text as this cluster's context holds; what is cached already stays as it is.</summary>
    /// <exception cref="ClusterException">There is no room, or a worker fails.</exception>
    /// <exception cref="KvCacheFileException">The file is damaged, or of another model or cache format.</exception>
    /// <exception cref="EngineException">The ranks failed, or the engine ended.</exception>
    public async Task<RestoredCache> RestoreAsync(string path, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var file = KvCacheFileReader.Open(path);
        if (file.Header.Mismatch(Header([])) is { } difference) throw new KvCacheFileException(path, difference);
        file.Verify(cancellationToken);

        var tokens = Restorable(path, file.Header.Tokens);
        var table = new BlockTable();
        var cached = 0;
        await RunAsync(blocks => cached = Lease(blocks, table, tokens.Span)).ConfigureAwait(false);
        try
        {
            if (cached < tokens.Length)
            {
                var region = Region(table.Blocks[(cached / plan.Options.BlockTokens)..], tokens.Length - cached);
                await new CacheScatterer(plan.Shards, ranks).RunAsync(file, region, cached, cancellationToken).ConfigureAwait(false);
            }

            await RunAsync(blocks => blocks.Publish(table, tokens.Span)).ConfigureAwait(false);
            return new RestoredCache(tokens, file.Length, time.GetElapsedTime(started));
        }
        finally
        {
            await ReleaseAsync(table).ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<int> Restorable(string path, ImmutableArray<int> saved)
    {
        var blockTokens = plan.Options.BlockTokens;
        var count = Math.Min(saved.Length, plan.ContextLength) / blockTokens * blockTokens;
        if (count == 0)
            throw new KvCacheFileException(path, $"its {saved.Length} tokens fill no block of {blockTokens} in a context of {plan.ContextLength}");
        return saved.AsMemory()[..count];
    }

    /// <returns>Tokens that are cached already; the table's further blocks are fresh.</returns>
    private static int Lease(BlockManager blocks, BlockTable table, ReadOnlySpan<int> tokens)
    {
        var cached = blocks.FindCached(table, tokens);
        if (blocks.TryGrow(table, cached, tokens.Length, [])) return cached;

        var missing = blocks.BlocksFor(tokens.Length) - table.Count;
        blocks.Release(table);
        throw new ClusterException($"there is no room to restore {tokens.Length} tokens: {missing} cache blocks are needed, {blocks.AvailableCount} are to be had");
    }

    private Task RunAsync(Action<BlockManager> work) => engine.RunBetweenStepsAsync(parts =>
    {
        // The engine may have gone on with other ranks: a table of these blocks means nothing there.
        if (parts.Ranks.PlanVersion != plan.Version) throw new EngineException("the workers that held the cache were lost");
        work(parts.Blocks);
        return ValueTask.CompletedTask;
    });

    private async Task ReleaseAsync(BlockTable table)
    {
        try
        {
            await RunAsync(blocks => blocks.Release(table)).ConfigureAwait(false);
        }
        catch (EngineException)
        {
            // The engine has ended, and its cache with it.
        }
    }

    private CacheRegion Region(ReadOnlySpan<int> blocks, int tokenCount)
    {
        var region = new CacheRegion { PlanVersion = plan.Version, TokenCount = tokenCount };
        foreach (var block in blocks) region.BlockTable.Add(block);
        return region;
    }

    private KvCacheFileHeader Header(ReadOnlySpan<int> tokens) => new()
    {
        Model = new ModelIdentity((long)model.Reference.Length, Convert.ToHexStringLower(model.Reference.HeaderSha256.Span)),
        Format = plan.Options.CacheFormat,
        LayerCount = model.Config.LayerCount,
        KvHeadCount = model.Config.KvHeadCount,
        HeadDim = model.Config.HeadDim,
        Tokens = [.. tokens],
    };
}
