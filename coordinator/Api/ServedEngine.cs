using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Slots;

namespace Cluster.Coordinator.Api;

/// <summary>What requests are answered with.</summary>
/// <param name="ModelName">What clients call the model.</param>
/// <param name="Engine">The engine that continues their texts.</param>
/// <param name="ReadySince">When it became ready.</param>
/// <param name="Slots">The texts that were continued of late.</param>
/// <param name="SlotFiles">Saves and restores them; null where that is off.</param>
internal sealed record ServedEngine(string ModelName, InferenceEngine Engine, DateTimeOffset ReadySince, SlotTable Slots, SlotFiles? SlotFiles);
