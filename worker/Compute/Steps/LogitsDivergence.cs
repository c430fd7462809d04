namespace Cluster.Compute.Steps;

/// <summary>How far one row of logits t is from a baseline b, over one rank's part of the vocabulary.</summary>
/// <param name="BaselineLogSumExp">ln Σ exp(b).</param>
/// <param name="LogSumExp">ln Σ exp(t).</param>
/// <param name="MeanDifference">Σ softmax(b) · (b - t), softmax within the part; 0 where all of b is -∞.</param>
public readonly record struct LogitsDivergence(double BaselineLogSumExp, double LogSumExp, double MeanDifference);
