namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>A request of a load.</summary>
/// <param name="Prompt">Text of about as many tokens as it is to have.</param>
/// <param name="OutputTokens">Tokens that it asks for.</param>
/// <param name="Gap">Time since the arrival before, at a mean rate of one a second.</param>
internal sealed record PlannedRequest(string Prompt, int OutputTokens, double Gap);
