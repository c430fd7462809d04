namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>
/// Layout of a block of sixteen rows and 32 columns whose levels are a byte each, as it stays in the first cache while tokens pass by:
/// eight groups, f32 scales, then what the format needs beside them: f32 minimums; or the integer factors of both halves; or, for signed
/// levels, the int32 sums of negative magnitudes and the signs of the eight groups.
/// </summary>
internal static class UnpackedBlock
{
    public const int Scale = 8 * 64;

    public const int Minimum = Scale + 64;

    public const int HalfScales = Scale + 64;

    public const int Negatives = Scale + 64;

    public const int Signs = Negatives + 64;

    /// <summary>Bytes of a block of levels that are not signed.</summary>
    public const int Bytes = HalfScales + 2 * 64;

    /// <summary>Bytes of a block of signed levels.</summary>
    public const int SignedBytes = Signs + 8 * 64;
}
