namespace Cluster.Compute.Steps;

/// <summary>A cache block whose content replaces that of another, in every layer.</summary>
public readonly record struct BlockCopy(int Source, int Target);
