namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>Multiplies panels of one format on one instruction set.</summary>
internal abstract unsafe class PanelKernel
{
    /// <summary>Tokens that a tile is a multiple of, the last one excepted.</summary>
    public const int TokenStep = 12;

    /// <summary>Whether it reads activations in the form of <see cref="Activations.ActivationRecord"/>, else in f32.</summary>
    public abstract bool ReadsRecords { get; }

    /// <summary>Bytes of scratch memory that <see cref="MultiplyTile"/> works in.</summary>
    public abstract int ScratchBytes { get; }

    /// <summary>
    /// The product of a panel and one token, to <paramref name="sums"/>[16]. <paramref name="activations"/> are the token's records, or
    /// its f32 row. The sums begin at <paramref name="start"/>, which is left in them: see <see cref="SumGrid"/>.
    /// </summary>
    public abstract void MultiplyVector(byte* panel, int columns, byte* activations, float start, float* sums);

    /// <summary>
    /// The product of a panel and several tokens, to <paramref name="sums"/>[tokens rounded up to <see cref="TokenStep"/>][16].
    /// <paramref name="activations"/> are the records of tiles of four tokens, or f32 rows. The sums of token t begin at
    /// <paramref name="starts"/>[t], or at 0 where that is null.
    /// </summary>
    public abstract void MultiplyTile(
        byte* panel, int columns, byte* activations, float* starts, int tokens, byte* scratch, float* sums);

    /// <summary>What the sums of token <paramref name="token"/> begin at.</summary>
    protected static float StartOf(float* starts, int token, int tokens) => starts is null || token >= tokens ? 0 : starts[token];
}
