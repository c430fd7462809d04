using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Api;

/// <summary>What requests are answered with.</summary>
/// <param name="ModelName">What clients call the model.</param>
/// <param name="Engine">The engine that continues their texts.</param>
/// <param name="ReadySince">When it became ready.</param>
internal sealed record ServedEngine(string ModelName, InferenceEngine Engine, DateTimeOffset ReadySince);
