namespace Cluster.Coordinator.Evaluation;

/// <summary>What a model said about one token of a text.</summary>
/// <param name="Nll">Negative log-likelihood of the token that came, in nats.</param>
/// <param name="Top">The token that it thought most probable.</param>
internal readonly record struct TokenPrediction(double Nll, int Top);
