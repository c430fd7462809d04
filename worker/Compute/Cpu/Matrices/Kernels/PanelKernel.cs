using Cluster.Compute.Cpu.Matrices.Activations;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>Multiplies panels of one format on one instruction set.</summary>
internal abstract unsafe class PanelKernel
{
    /// <summary>Tokens that a tile is a multiple of, the last one excepted.</summary>
    public const int TokenStep = 12;

    /// <summary>What <see cref="MultiplyVector"/> reads.</summary>
    public abstract ActivationForm VectorForm { get; }

    /// <summary>What <see cref="MultiplyTile"/> reads: records or plain f32.</summary>
    public abstract ActivationForm TileForm { get; }

    /// <summary>Bytes of scratch memory that <see cref="MultiplyTile"/> works in.</summary>
    public abstract int ScratchBytes { get; }

    /// <summary>
    /// Rows of 16 f32 that a token's sums take: one, or two where the sums of what a <see cref="SumGrid"/> takes off follow.
    /// </summary>
    public virtual int Planes => 1;

    /// <summary>
    /// The product of a panel and one token, times <paramref name="factor"/>, to <see cref="Planes"/> times 16 f32 at <paramref name="sums"/>.
    /// <paramref name="activations"/> are the token's. The sums begin at <paramref name="start"/>, which is left in them: see
    /// <see cref="SumGrid"/>.
    /// </summary>
    public abstract void MultiplyVector(byte* panel, int columns, byte* activations, float start, float factor, byte* sums);

    /// <summary>
    /// The product of a panel and several tokens, times <paramref name="factor"/>, to f32 <paramref name="sums"/>[tokens rounded up to
    /// <see cref="TokenStep"/>][<see cref="Planes"/>][16]. <paramref name="activations"/> are the records of tiles of four tokens, or f32 rows. The sums of
    /// token t begin at <paramref name="starts"/>[t], or at 0 where that is null.
    /// </summary>
    public abstract void MultiplyTile(
        byte* panel, int columns, byte* activations, float* starts, int tokens, float factor, byte* scratch, byte* sums);

    /// <summary>What the sums of token <paramref name="token"/> begin at.</summary>
    protected static float StartOf(float* starts, int token, int tokens) => starts is null || token >= tokens ? 0 : starts[token];
}
