using System.Collections.Immutable;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Engine;

/// <summary>How probable a text is to the model.</summary>
/// <param name="LogProbs">
/// Natural log-probability of each token but the first, given those before it: entry i is that of token i + 1.
/// </param>
/// <param name="Top">The most probable tokens after the text, best first.</param>
/// <param name="LogSumExp">ln Σ exp(logit) after the text: what turns the log-probabilities of <paramref name="Top"/> back into logits.</param>
internal sealed record PromptScore(ImmutableArray<double> LogProbs, ImmutableArray<TokenLogProb> Top, double LogSumExp)
{
    /// <summary>Mean negative log-likelihood in nats a token; its exponential is the perplexity.</summary>
    public double MeanNll => -LogProbs.Average();

    public double Logit(int index) => Top[index].LogProb + LogSumExp;
}
