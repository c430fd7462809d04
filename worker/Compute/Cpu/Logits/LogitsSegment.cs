namespace Cluster.Compute.Cpu.Logits;

/// <summary>What one segment of a logits row comes to.</summary>
/// <param name="Largest">Its largest logit.</param>
/// <param name="Sum">Σ exp((logit - Largest) / Temperature).</param>
/// <param name="SumPlain">The same at temperature 1.</param>
/// <param name="CandidateCount">Candidates kept, at most the row's.</param>
internal readonly record struct LogitsSegment(float Largest, double Sum, double SumPlain, int CandidateCount);
