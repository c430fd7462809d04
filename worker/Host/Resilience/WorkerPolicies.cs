using Grpc.Core;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Cluster.Worker.Resilience;

/// <summary>What a worker does about calls that fail: all policies that repeat or give up a call are here, and nowhere else.</summary>
internal static class WorkerPolicies
{
    /// <summary>How long a peer that failed, or sent something wrong, is not asked for pieces of models.</summary>
    public static readonly TimeSpan PeerDistrust = TimeSpan.FromSeconds(60);

    /// <summary>How long a peer may take to send a piece.</summary>
    private static readonly TimeSpan s_peerTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Dialing a peer whose program or plan is not there yet: again after 20 ms, later every second, until cancelled.</summary>
    public static ResiliencePipeline Link { get; } = new ResiliencePipelineBuilder()
        .AddRetry(Unavailable(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), int.MaxValue))
        .Build();

    /// <summary>Asking the coordinator for models and pieces: four more times within two seconds, as nothing else can help.</summary>
    public static ResiliencePipeline Coordinator { get; } = new ResiliencePipelineBuilder()
        .AddRetry(Unavailable(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), 4))
        .Build();

    /// <summary>Asking a peer for a piece: once, as others have it too.</summary>
    public static ResiliencePipeline Peer { get; } = new ResiliencePipelineBuilder().AddTimeout(new TimeoutStrategyOptions { Timeout = s_peerTimeout }).Build();

    /// <summary>Asking a peer whether it is there, for the coordinator, which waits.</summary>
    public static ResiliencePipeline Probe { get; } = new ResiliencePipelineBuilder().AddTimeout(TimeSpan.FromSeconds(1)).Build();

    /// <summary>Measuring the way to a peer: one that takes longer has no link worth planning with.</summary>
    public static ResiliencePipeline Measurement { get; } = new ResiliencePipelineBuilder().AddTimeout(TimeSpan.FromSeconds(10)).Build();

    /// <summary>
    /// Joining a coordinator, or asking it for a certificate: again after 50 ms, later every two seconds, until cancelled, while it is not there or
    /// what was left of an earlier connection fails. What it answers itself has other codes.
    /// </summary>
    /// <param name="onRetry">Told why it did not succeed.</param>
    /// <param name="time">The clock.</param>
    public static ResiliencePipeline Join(Action<string> onRetry, TimeProvider time)
    {
        var options = Unavailable(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2), int.MaxValue);
        options.ShouldHandle = new PredicateBuilder().Handle<RpcException>(e => e.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled);
        options.OnRetry = retry =>
        {
            onRetry(((RpcException)retry.Outcome.Exception!).Status.Detail);
            return default;
        };
        return new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(options).Build();
    }

    /// <summary>Again while nobody answers; all other failures are answers.</summary>
    private static RetryStrategyOptions Unavailable(TimeSpan first, TimeSpan longest, int attempts) => new()
    {
        ShouldHandle = new PredicateBuilder().Handle<RpcException>(e => e.StatusCode is StatusCode.Unavailable),
        MaxRetryAttempts = attempts,
        BackoffType = DelayBackoffType.Exponential,
        Delay = first,
        MaxDelay = longest,
        UseJitter = true,
    };
}
