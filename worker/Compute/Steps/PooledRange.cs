namespace Cluster.Compute.Steps;

/// <summary>Tokens of a step whose hidden states after the final norm are wanted, added up.</summary>
/// <param name="FirstToken">Index of the first one in the batch.</param>
/// <param name="TokenCount">How many, one after the other.</param>
public readonly record struct PooledRange(int FirstToken, int TokenCount);
