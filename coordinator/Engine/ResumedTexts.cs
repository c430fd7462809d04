namespace Cluster.Coordinator.Engine;

/// <summary>How texts went on after the ranks were lost.</summary>
/// <param name="Texts">Those that had keys and values in the cache.</param>
/// <param name="Tokens">Their tokens, which were taken in again.</param>
/// <param name="Detection">From the beginning of the step that failed to the knowledge of it; zero where no step was under way.</param>
/// <param name="WithoutRanks">From there to the next plan's ranks.</param>
/// <param name="Prefill">From there until all of them went on.</param>
internal sealed record ResumedTexts(int Texts, int Tokens, TimeSpan Detection, TimeSpan WithoutRanks, TimeSpan Prefill)
{
    public TimeSpan Total => Detection + WithoutRanks + Prefill;
}
