using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>How the products of chunks of columns are added up to the sums of sixteen rows and one token, in <see cref="Planes"/> vectors.</summary>
internal unsafe interface IChunkSum<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    /// <summary>Columns that are summed in one go.</summary>
    static abstract int ChunkColumns { get; }

    /// <summary>Vectors that the sums of a token take.</summary>
    static abstract int Planes { get; }

    /// <summary>Sums of nothing, beginning at <paramref name="start"/>.</summary>
    static abstract void Begin(byte* sums, float start);

    /// <summary>Adds a chunk's product to sums that began at <paramref name="start"/>.</summary>
    static abstract void Add(byte* sums, float start, TVector product);
}
