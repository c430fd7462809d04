namespace Cluster.Compute.Devices;

/// <summary>This rank's part of an attention layer. Query head h reads KV head h · KvHeadCount / HeadCount.</summary>
/// <param name="HeadCount">Query heads of this rank.</param>
/// <param name="KvHeadCount">KV heads of this rank; divides <paramref name="HeadCount"/>.</param>
/// <param name="HeadDim">Elements a head.</param>
/// <param name="Scale">What scores are multiplied with, 1/sqrt(HeadDim) as a rule.</param>
public sealed record AttentionShape(int HeadCount, int KvHeadCount, int HeadDim, float Scale)
{
    /// <summary>Width of a [queries | keys | values] row.</summary>
    public int QkvWidth => (HeadCount + 2 * KvHeadCount) * HeadDim;
}
