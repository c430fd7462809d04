namespace Cluster.Coordinator.Engine;

/// <summary>What others ask of the engine's loop.</summary>
internal readonly record struct EngineCommand(
    EngineCommandKind Kind, LiveSequence? Sequence = null, EngineWork? Work = null, Action? Call = null)
{
    /// <summary>It will not be done; whoever waits for it learns why.</summary>
    public void Abandon(string reason)
    {
        Sequence?.Abandon(FinishReason.Error, reason);
        Work?.Abandon(reason);
    }
}
