using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Evaluation;

/// <summary>Scores a text with every cache of a session, window by window between the engine's steps.</summary>
internal static class TextEvaluation
{
    /// <param name="engine">Of a session with <paramref name="cacheCount"/> caches; the first is the baseline.</param>
    /// <param name="windows">The text; a window fits the session's context.</param>
    /// <param name="cacheCount">Caches.</param>
    /// <param name="maxStepTokens">The largest step that the ranks take.</param>
    /// <param name="progress">Told how many steps are done of how many.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <returns>Scores of each cache.</returns>
    /// <exception cref="EngineException">A step failed.</exception>
    public static async Task<IReadOnlyList<CacheScores>> RunAsync(
        InferenceEngine engine, TextWindows windows, int cacheCount, int maxStepTokens, Action<long, long> progress, CancellationToken cancellationToken)
    {
        CacheScores[] scores = [.. Enumerable.Range(0, cacheCount).Select(_ => new CacheScores())];
        var total = (long)windows.Windows.Length * cacheCount * ((windows.Length + maxStepTokens - 1) / maxStepTokens);
        var done = 0L;
        for (var index = 0; index < windows.Windows.Length; index++)
        {
            var window = index;
            await engine.RunBetweenStepsAsync(parts =>
                new WindowEvaluation(parts, maxStepTokens).RunAsync(windows, window, scores, () => progress(++done, total), cancellationToken)).ConfigureAwait(false);
        }

        return scores;
    }
}
