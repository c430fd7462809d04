namespace Cluster.Coordinator.Planning.Search;

/// <summary>What a split is to be best at.</summary>
internal enum PlanObjective
{
    /// <summary>The next token of one text, soon.</summary>
    Latency,

    /// <summary>The tokens of many texts in each step.</summary>
    Throughput,
}
