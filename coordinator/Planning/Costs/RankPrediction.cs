namespace Cluster.Coordinator.Planning.Costs;

/// <summary>Where a rank's time of a step is thought to go, in seconds.</summary>
/// <param name="Compute">Reading weights and cache, or multiplying, whichever takes longer.</param>
/// <param name="Wire">Exchanging activations.</param>
/// <param name="Wait">For slower ranks of its stage.</param>
internal readonly record struct RankPrediction(double Compute, double Wire, double Wait);
