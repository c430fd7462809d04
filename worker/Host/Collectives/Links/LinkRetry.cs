using Grpc.Core;
using Polly;
using Polly.Retry;

namespace Cluster.Worker.Collectives.Links;

/// <summary>Dialing a peer whose program or plan is not there yet: again after 20 ms, later every second, until cancelled.</summary>
internal static class LinkRetry
{
    public static ResiliencePipeline Pipeline { get; } = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<RpcException>(e => e.StatusCode is StatusCode.Unavailable),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(20),
            MaxDelay = TimeSpan.FromSeconds(1),
            UseJitter = true,
        })
        .Build();
}
