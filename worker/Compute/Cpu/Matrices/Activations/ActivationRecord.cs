namespace Cluster.Compute.Cpu.Matrices.Activations;

/// <summary>
/// Layout of 32 columns of quantized activations of <c>lanes</c> tokens (1 or <see cref="TileTokens"/>): for each of eight groups of four
/// columns the four bytes of every token; then for every token the f32 scale, the f32 centre (-8 · scale · sum of codes) and for each
/// half of the columns two int16, -16 · the sums of the codes at columns 0 and 1, and 2 and 3, of its groups.
/// </summary>
internal static class ActivationRecord
{
    /// <summary>Columns of a record.</summary>
    public const int Columns = 32;

    /// <summary>Tokens that share a record where there are several.</summary>
    public const int TileTokens = 4;

    /// <summary>Bytes of a record for each token in it.</summary>
    public const int BytesPerToken = 48;

    /// <summary>Where each part begins, for each token in the record.</summary>
    public const int Scale = 32;

    public const int Centre = 36;

    public const int FirstStart = 40;

    public const int SecondStart = 44;
}
