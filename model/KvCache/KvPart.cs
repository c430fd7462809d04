namespace Cluster.Model.KvCache;

/// <summary>The two halves of a KV cache.</summary>
public enum KvPart
{
    Keys,
    Values,
}
