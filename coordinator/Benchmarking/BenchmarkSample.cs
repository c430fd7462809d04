namespace Cluster.Coordinator.Benchmarking;

/// <summary>One repetition of a test.</summary>
/// <param name="TokensPerSecond">Of all sequences together.</param>
/// <param name="FirstTokenSeconds">From the requests to the first token of each; the longest.</param>
/// <param name="WireBytes">Bytes sent between processes for each token.</param>
internal readonly record struct BenchmarkSample(double TokensPerSecond, double FirstTokenSeconds, double WireBytes);
