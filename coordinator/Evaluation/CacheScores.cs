namespace Cluster.Coordinator.Evaluation;

/// <summary>How well a text is predicted with one cache format, and how near that is to the baseline's predictions.</summary>
internal sealed class CacheScores
{
    /// <summary>Negative log-likelihood of each scored token in nats.</summary>
    public RunningMean Nll { get; } = new();

    /// <summary>The same less the baseline's for the same token.</summary>
    public RunningMean NllDifference { get; } = new();

    /// <summary>Kullback-Leibler divergence from the baseline in nats.</summary>
    public RunningMean Divergence { get; } = new();

    /// <summary>1 where the most probable token is the baseline's, else 0.</summary>
    public RunningMean Agreement { get; } = new();

    public double Perplexity => Math.Exp(Nll.Mean);

    public double PerplexityError => Perplexity * Nll.StandardError;

    /// <summary>Perplexity over the baseline's, less 1.</summary>
    public double PerplexityChange => Math.Exp(NllDifference.Mean) - 1;

    public double PerplexityChangeError => Math.Exp(NllDifference.Mean) * NllDifference.StandardError;
}
