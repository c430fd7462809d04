namespace Cluster.Model.Sampling;

/// <summary>No token can be chosen from what the ranks returned: a logit is not a number, or part of the vocabulary is missing.</summary>
public sealed class SamplingException(string message) : Exception(message);
