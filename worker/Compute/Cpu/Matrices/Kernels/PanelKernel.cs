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
    /// its f32 row.
    /// </summary>
    public abstract void MultiplyVector(byte* panel, int columns, byte* activations, float* sums);

    /// <summary>
    /// The product of a panel and several tokens, to <paramref name="sums"/>[tokens rounded up to <see cref="TokenStep"/>][16].
    /// <paramref name="activations"/> are the records of tiles of four tokens, or f32 rows.
    /// </summary>
    public abstract void MultiplyTile(byte* panel, int columns, byte* activations, int tokens, byte* scratch, float* sums);
}
