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

    /// <summary>A column of sixteen rows as f32.</summary>
    static abstract TVector Load(byte* column);
}
