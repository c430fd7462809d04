namespace Cluster.Coordinator.Hub;

/// <summary>The network or the server failed in a way that may pass.</summary>
/// <param name="message">One line.</param>
/// <param name="retryAfter">When the server wants to be asked again.</param>
internal sealed class TransferException(string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
