namespace Cluster.Coordinator.Engine;

/// <summary>What one step took, further questions about its logits included.</summary>
/// <param name="Started">Timestamp at which the step was sent.</param>
/// <param name="Ended">Timestamp at which its answers were there.</param>
/// <param name="Tokens">Tokens that it took in.</param>
/// <param name="WireBytes">Bytes sent between the processes of the cluster: activations among the ranks, requests and answers.</param>
/// <param name="Total">From the end of the step before, where this one followed at once, to its own end.</param>
/// <param name="Slowest">What the slowest rank needed for it.</param>
/// <param name="RoundTrip">From requests, or the end of the step before, to answers.</param>
/// <param name="Sampling">Choosing tokens from the answers.</param>
internal readonly record struct StepTimings(
    long Started, long Ended, int Tokens, long WireBytes, TimeSpan Total, TimeSpan Slowest, TimeSpan RoundTrip, TimeSpan Sampling);
