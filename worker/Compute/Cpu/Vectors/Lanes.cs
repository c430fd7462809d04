using System.Numerics;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>How kernels walk over lanes: two neighbouring vectors at a time, sixteen lanes at most.</summary>
internal static class Lanes
{
    /// <summary>Every number of lanes is rounded up to a multiple of this.</summary>
    public const int Unit = 16;

    /// <summary>Lanes of a step.</summary>
    public static int Step => Math.Min(2 * Vector<float>.Count, Unit);

    /// <summary>From the first vector of a step to the second; where one vector is the whole step it is done twice.</summary>
    public static int Right => Vector<float>.Count < Unit ? Vector<float>.Count : 0;
}
