using System.Collections.Immutable;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>What a benchmark measured.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Devices">What computed, each named once.</param>
/// <param name="Repetitions">Of each test.</param>
/// <param name="Rows">In the order of the axes.</param>
internal sealed record BenchmarkReport(
    string Command, string Version, ImmutableArray<string> Devices, int Repetitions, ImmutableArray<BenchmarkRow> Rows);
