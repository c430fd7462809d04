namespace Cluster.Compute.KvCache;

/// <summary>The two halves of a cache.</summary>
public enum KvPart
{
    Keys,
    Values,
}
