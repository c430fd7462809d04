namespace Cluster.Model.Sharding;

/// <summary>One rank's attention heads.</summary>
/// <param name="KvHeads">Key-value heads that it projects and caches.</param>
/// <param name="QueryHeads">Query heads that it computes: whole groups of <paramref name="KvHeads"/>, or part of the group of one.</param>
internal readonly record struct HeadCut(IndexRange KvHeads, IndexRange QueryHeads);
