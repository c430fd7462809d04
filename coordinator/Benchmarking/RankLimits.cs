namespace Cluster.Coordinator.Benchmarking;

/// <summary>What one rank's device did at most, measured with its peers of the same stage measuring too; 0 for what it does not measure.</summary>
internal readonly record struct RankLimits(double ReadBytesPerSecond, double MultiplyAddsPerSecond);
