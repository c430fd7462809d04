namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Whether the next step may go ahead: begin while the step before it is under way, so that a device which needs a few milliseconds for a step
/// does not wait for the coordinator in between. Its tokens are then known to the ranks alone, which agree on them and put them in. It may in plans
/// of one stage, while all that the next step would take in can be foreseen.
/// </summary>
internal sealed class Foresight
{
    /// <summary>
    /// Whoever comes waits for the step that went ahead, too. That is worth it only while steps are short; in longer ones, what lies between two
    /// (below a millisecond) hardly counts.
    /// </summary>
    public static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(20);

    private bool _stepsAreShort;

    /// <summary>A step is over that had one token of each sequence, as those that go ahead have.</summary>
    public void Add(TimeSpan elapsed) => _stepsAreShort = elapsed < LongestStep;

    /// <summary>Whether the step after the only one that is under way may begin.</summary>
    /// <param name="running">The sequences that hold blocks.</param>
    /// <param name="newcomer">Who would join them; null when nobody can.</param>
    /// <param name="availableBlocks">Blocks that can be lent: each sequence needs one at most.</param>
    public bool MayGoAhead(List<Sequence> running, Sequence? newcomer, int availableBlocks)
    {
        if (!_stepsAreShort || newcomer is not null || running.Count > availableBlocks) return false;
        foreach (var sequence in running)
        {
            // Who waits for its reader wants nothing, unless it is in the step: there may be a further question about that one's logits.
            if (sequence is { IsPaused: true, IsScheduled: false }) continue;
            if (sequence is not { IsScheduled: true, PendingLength: 0, IsForeseeable: true }) return false;
        }

        return true;
    }
}
