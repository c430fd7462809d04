namespace Cluster.Model.Sampling;

/// <summary>A token and its natural log-probability under the model: before bias, penalties, temperature and filters.</summary>
public readonly record struct TokenLogProb(int TokenId, float LogProb);
