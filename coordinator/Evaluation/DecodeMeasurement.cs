using System.Diagnostics;
using Cluster.Coordinator.Benchmarking;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Evaluation;

/// <summary>
/// Tokens per second that each cache of a session decodes at the end of a context. The caches take turns, so that whatever else the
/// machine does hits all of them alike; medians count.
/// </summary>
/// <param name="parts">The engine's, with nothing else going on.</param>
/// <param name="maxStepTokens">Tokens of a step at most.</param>
internal sealed class DecodeMeasurement(EngineParts parts, int maxStepTokens)
{
    private const int Rounds = 7;
    private const int TokensPerRound = 8;

    /// <summary>Tokens that are really computed; the cache beyond them is filled with copies of their blocks.</summary>
    private const int ComputedTokens = 512;

    private readonly EvaluationStep _step = new();

    /// <param name="text">Tokens of any text.</param>
    /// <param name="context">Tokens in the cache at the end.</param>
    /// <param name="cacheCount">Caches of the session.</param>
    /// <param name="progress">Told how many caches' turns are done of how many.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <returns>Tokens per second of each cache.</returns>
    /// <exception cref="EngineException">A step failed.</exception>
    public async ValueTask<double[]> RunAsync(
        ReadOnlyMemory<int> text, int context, int cacheCount, Action<long, long> progress, CancellationToken cancellationToken)
    {
        int[] tokens = [.. Enumerable.Range(0, context).Select(position => text.Span[position % text.Length])];
        var first = Math.Max(0, context - TokensPerRound);
        List<double>[] seconds = [.. Enumerable.Range(0, cacheCount).Select(_ => new List<double>())];
        var blocks = new BlockTable();
        if (!parts.Blocks.TryGrow(blocks, written: 0, context, copies: [])) throw new EngineException($"the KV cache has no room for a context of {context} tokens");
        try
        {
            for (var cache = 0; cache < cacheCount; cache++) await FillAsync(cache, tokens, first, blocks, cancellationToken).ConfigureAwait(false);
            for (var round = 0; round < Rounds; round++)
            {
                for (var cache = 0; cache < cacheCount; cache++)
                {
                    for (var position = first; position < context; position++)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        seconds[cache].Add(await DecodeAsync(cache, tokens, position, blocks).ConfigureAwait(false));
                    }

                    progress(round * cacheCount + cache + 1L, (long)Rounds * cacheCount);
                }
            }
        }
        finally
        {
            parts.Blocks.Release(blocks);
        }

        return [.. seconds.Select(times => 1 / Spread.Of(times).Median)];
    }

    private async ValueTask FillAsync(int cache, int[] tokens, int count, BlockTable blocks, CancellationToken cancellationToken)
    {
        var computed = Math.Min(count, ComputedTokens / parts.Blocks.BlockTokens * parts.Blocks.BlockTokens);
        for (var start = 0; start < computed; start += maxStepTokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _step.Begin(cache, tokens, start, Math.Min(maxStepTokens, computed - start), blocks);
            await ExecuteAsync().ConfigureAwait(false);
        }

        if (computed == count) return;

        // A step that is timed by nobody carries the copies.
        _step.Begin(cache, tokens, count, 1, blocks);
        var computedBlocks = computed / parts.Blocks.BlockTokens;
        for (var block = computedBlocks; block < blocks.Count; block++)
        {
            _step.Request.BlockCopies.Add(blocks[block % computedBlocks]);
            _step.Request.BlockCopies.Add(blocks[block]);
        }

        await ExecuteAsync().ConfigureAwait(false);
    }

    private async ValueTask<double> DecodeAsync(int cache, int[] tokens, int position, BlockTable blocks)
    {
        _step.Begin(cache, tokens, position, 1, blocks);
        _step.AddRow(0, null);
        var began = Stopwatch.GetTimestamp();
        await ExecuteAsync().ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private async ValueTask ExecuteAsync()
    {
        if (await parts.Steps.ExecuteAsync(_step.Request).ConfigureAwait(false) is { } failure) throw new EngineException(failure.Message);
    }
}
