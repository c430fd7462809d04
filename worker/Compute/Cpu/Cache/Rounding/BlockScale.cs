namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>How a block's levels become elements: element = Scale · level + Offset.</summary>
/// <param name="Scale">As f16 holds it.</param>
/// <param name="Offset">0 where the type has no minimum.</param>
internal readonly record struct BlockScale(float Scale, float Offset)
{
    /// <summary>1 / Scale; 0 where that is none, so that levels of a block of one value stay finite.</summary>
    public float Inverse => Scale != 0 ? 1 / Scale : 0;
}
