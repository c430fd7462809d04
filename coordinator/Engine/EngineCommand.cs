namespace Cluster.Coordinator.Engine;

/// <summary>What others ask of the engine's loop.</summary>
internal readonly record struct EngineCommand(EngineCommandKind Kind, LiveSequence? Sequence = null);
