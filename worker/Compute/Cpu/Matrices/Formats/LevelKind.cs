namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>How a format's levels are multiplied: what an int16 can hold decides.</summary>
internal enum LevelKind
{
    /// <summary>0 to 15: 16 products of a whole block fit (16 · 15 · 127 = 30480).</summary>
    FourBit,

    /// <summary>0 to 31, sums counted from 16: |q - 16| · 16 · 127 ≤ 32512.</summary>
    FiveBit,

    /// <summary>0 to 63, sums counted from 32, with an integer factor for each half of the block: |q - 32| · 8 · 127 ≤ 32512.</summary>
    SixBit,

    /// <summary>Signed bytes: summed in int32.</summary>
    Signed,
}
