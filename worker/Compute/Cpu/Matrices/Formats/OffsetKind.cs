namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>What a format adds to scale · sum of levels.</summary>
internal enum OffsetKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>-8 times the scale, for levels counted from 8.</summary>
    Centre,

    /// <summary>A value of its own for each row and block.</summary>
    Minimum,
}
