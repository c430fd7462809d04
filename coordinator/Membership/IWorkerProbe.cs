namespace Cluster.Coordinator.Membership;

/// <summary>Finds out whether a worker that is silent answers when it is asked.</summary>
internal interface IWorkerProbe
{
    /// <param name="worker">Who is asked.</param>
    /// <param name="via">The member that asks; null when we do.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    Task<bool> AnswersAsync(Member worker, Member? via, CancellationToken cancellationToken);
}
