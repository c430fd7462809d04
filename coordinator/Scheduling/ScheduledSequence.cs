namespace Cluster.Coordinator.Scheduling;

/// <summary>One sequence's part of a step.</summary>
/// <param name="Sequence">Whose tokens they are.</param>
/// <param name="Start">Position of the first one; what comes before is in the cache.</param>
/// <param name="Count">Tokens taken in; one when it decodes.</param>
internal readonly record struct ScheduledSequence(Sequence Sequence, int Start, int Count)
{
    public int End => Start + Count;

    /// <summary>The step reaches the sequence's last token, or one that is being chosen, so its next one can be chosen.</summary>
    public bool ReachesEnd => End >= Sequence.Length;

    /// <summary>Its last token is being chosen by the step before.</summary>
    public bool IsAhead => End > Sequence.Length;
}
