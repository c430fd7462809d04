using Cluster.Coordinator.Hub;
using Polly;
using Polly.Retry;

namespace Cluster.Coordinator.Resilience;

/// <summary>What the coordinator does about what fails and may be repeated: calls, loads, processes of its own. Nothing else repeats anything.</summary>
internal static class CoordinatorPolicies
{
    private static readonly TimeSpan s_longestTransferDelay = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Requests to the hub: six times more after half a second, a second and so on up to half a minute, with jitter, or when the server
    /// says; anew after every byte that has come.
    /// </summary>
    public static ResiliencePipeline Transfer(TimeProvider time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<TransferException>(),
            MaxRetryAttempts = 6,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(500),
            MaxDelay = s_longestTransferDelay,
            UseJitter = true,
            DelayGenerator = static attempt => ValueTask.FromResult(
                attempt.Outcome.Exception is TransferException { RetryAfter: { } told } ? (TimeSpan?)Clamp(told, TimeSpan.Zero, s_longestTransferDelay) : null),
        })
        .Build();

    /// <summary>Having a worker measure its links to all others.</summary>
    public static ResiliencePipeline LinkMeasurement { get; } = new ResiliencePipelineBuilder().AddTimeout(TimeSpan.FromSeconds(30)).Build();

    /// <summary>Taking the lock of the folder of secrets, which another process of this machine holds for moments: every 20 ms for ten seconds.</summary>
    public static ResiliencePipeline FolderLock { get; } = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<IOException>(static e => e is not (DirectoryNotFoundException or FileNotFoundException)),
            MaxRetryAttempts = 500,
            Delay = TimeSpan.FromMilliseconds(20),
        })
        .Build();

    /// <summary>How long the cluster may stay as it is before a plan that failed to load is tried again: half a second, twice that and so on up to ten.</summary>
    /// <param name="failures">In a row, at least 1.</param>
    public static TimeSpan BeforeAnotherLoad(int failures) => Doubled(TimeSpan.FromSeconds(0.5), failures - 1, TimeSpan.FromSeconds(10));

    /// <summary>Before a local worker that ended soon after its start is started anew: 1.5 s, twice that and so on up to half a minute.</summary>
    /// <param name="shortLives">In a row, at least 1.</param>
    public static TimeSpan BeforeRestart(int shortLives) => Doubled(TimeSpan.FromSeconds(1.5), shortLives - 1, TimeSpan.FromSeconds(30));

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan most) => Clamp(first * Math.Pow(2, Math.Min(times, 30)), first, most);

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;
}
