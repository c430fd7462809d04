namespace Cluster.Compute.Cpu.Matrices.Activations;

/// <summary>
/// Layout of 32 columns of quantized activations of <c>lanes</c> tokens (1 or <see cref="TileTokens"/>): for each of eight groups of four
/// columns the four bytes of every token; then for every token the f32 scale, the f32 centre (-8 · scale · sum of codes), and three times
/// what sums begin with whose levels are not counted from 0. Those are two int16, for the codes at columns 0 and 1, and 2 and 3, of every
/// group: -16 · their sums over all groups, -32 · their sums over the first and over the last four.
/// </summary>
internal static class ActivationRecord
{
    /// <summary>Columns of a record.</summary>
    public const int Columns = 32;

    /// <summary>Tokens that share a record where there are several.</summary>
    public const int TileTokens = 4;

    /// <summary>Bytes of a record for each token in it.</summary>
    public const int BytesPerToken = 52;

    /// <summary>
    /// What the scale and the centre are multiplied with, 2^80. Most scales of weights come times 2^-112, and neither these nor their
    /// products with activations may leave the range of normal f32.
    /// </summary>
    public const float Factor = 1208925819614629174706176f;

    /// <summary>Where each part begins, for each token in the record.</summary>
    public const int Scale = 32;

    public const int Centre = 36;

    public const int Start = 40;

    public const int FirstStart = 44;

    public const int SecondStart = 48;

    /// <summary>Bytes of a token's part of the records of a row.</summary>
    public static long TokenBytes(int columns) => (long)columns / Columns * BytesPerToken;
}
