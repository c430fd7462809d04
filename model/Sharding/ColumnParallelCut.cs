namespace Cluster.Model.Sharding;

/// <summary>
/// A rank's part of a weight matrix whose outputs are split: some whole rows, and the same elements of the bias. The input is whole and
/// the output is this rank's part, so nothing is exchanged.
/// </summary>
/// <param name="Rows">Rows (outputs) that the rank takes.</param>
public readonly record struct ColumnParallelCut(IndexRange Rows);
