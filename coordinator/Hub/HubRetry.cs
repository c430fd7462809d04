using System.Net;
using Polly;
using Polly.Retry;

namespace Cluster.Coordinator.Hub;

/// <summary>
/// Requests that may be repeated: six times after half a second, a second and so on up to half a minute, with jitter, or when the server
/// says; anew after every byte that has come.
/// </summary>
internal static class HubRetry
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    public static ResiliencePipeline Create(TimeProvider time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<TransferException>(),
            MaxRetryAttempts = 6,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(500),
            MaxDelay = s_longest,
            UseJitter = true,
            DelayGenerator = static attempt => ValueTask.FromResult(attempt.Outcome.Exception is TransferException { RetryAfter: { } told } ? (TimeSpan?)Limited(told) : null),
        })
        .Build();

    /// <summary>Whether a later answer may be another one.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static TimeSpan Limited(TimeSpan told) => told < TimeSpan.Zero ? TimeSpan.Zero : told < s_longest ? told : s_longest;
}
