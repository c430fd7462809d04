namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>
/// Layout of a block of sixteen rows and 32 columns whose levels are a byte each, as it stays in the first cache while tokens pass by:
/// eight groups, f32 scales, then f32 minimums or the integer factors of both halves.
/// </summary>
internal static class UnpackedBlock
{
    public const int Scale = 8 * 64;

    public const int Minimum = Scale + 64;

    public const int FirstHalfScale = Minimum;

    public const int SecondHalfScale = Minimum + 64;

    public const int Bytes = SecondHalfScale + 64;
}
