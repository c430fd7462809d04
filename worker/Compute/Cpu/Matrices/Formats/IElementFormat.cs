using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>How a kernel reads plain elements.</summary>
internal unsafe interface IElementFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    /// <summary>Bytes of a column of sixteen rows.</summary>
    static abstract int ColumnBytes { get; }

    /// <summary>Whether the packed form is f32 already.</summary>
    static abstract bool IsSingle { get; }

    /// <summary>What one token's activations are to be, so that products with what <see cref="Load"/> gives stay normal.</summary>
    static abstract ActivationForm VectorForm { get; }

    /// <summary>What products with activations in that form are to be multiplied with.</summary>
    static abstract float VectorFactor { get; }

    /// <summary>What <see cref="Load"/>'s values are to be multiplied with, to be the weights.</summary>
    static abstract float WeightFactor { get; }

    /// <summary>The column of sixteen rows at <paramref name="offset"/> bytes, as f32 but for a factor.</summary>
    static abstract TVector Load(byte* column, int offset);
}
