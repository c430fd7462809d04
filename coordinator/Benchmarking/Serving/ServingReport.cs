namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>All loads that were put on a server.</summary>
/// <param name="Command">What was typed.</param>
/// <param name="Server">Who was asked.</param>
/// <param name="Model">For what.</param>
/// <param name="Options">How.</param>
/// <param name="Loads">What came of it.</param>
internal sealed record ServingReport(string Command, Uri Server, string Model, ServingOptions Options, IReadOnlyList<LoadResult> Loads);
