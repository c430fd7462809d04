using Cluster.Compute.Cpu.Matrices.Packing;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices;

/// <summary>A matrix as panels of sixteen rows; the last one may end in zero rows.</summary>
internal sealed unsafe class CpuMatrix : Matrix
{
    private readonly AlignedMemory _panels;
    private readonly AlignedMemory _factors;
    private readonly AlignedMemory? _bias;

    /// <summary>Makes room for the panels, all zero, and takes the bias, one value a row or none.</summary>
    public CpuMatrix(TensorType type, int rows, int columns, ReadOnlySpan<float> bias)
        : base(type, rows, columns)
    {
        Packer = PanelPacker.Get(type);
        PanelCount = (rows + PanelPacker.Rows - 1) / PanelPacker.Rows;
        PanelBytes = Packer.PanelBytes(columns);
        _panels = new AlignedMemory(PanelCount * PanelBytes);
        _factors = new AlignedMemory((long)PanelCount * sizeof(float));
        if (bias.IsEmpty) return;
        _bias = new AlignedMemory((long)PanelCount * PanelPacker.Rows * sizeof(float));
        bias.CopyTo(new Span<float>(_bias.Floats, rows));
    }

    public override long Bytes => _panels.Bytes + _factors.Bytes + (_bias?.Bytes ?? 0);

    public PanelPacker Packer { get; }

    public int PanelCount { get; }

    /// <summary>Bytes of one panel, all its columns.</summary>
    public long PanelBytes { get; }

    /// <summary>Panel after panel.</summary>
    public byte* Panels => _panels.Pointer;

    /// <summary>What the products of each panel are to be multiplied with, from <see cref="PanelPacker.Normalize"/>.</summary>
    public float* Factors => _factors.Floats;

    /// <summary>One value a row, zero for padding rows; null for none.</summary>
    public float* Bias => _bias is null ? null : _bias.Floats;

    public override void Dispose()
    {
        _panels.Dispose();
        _factors.Dispose();
        _bias?.Dispose();
    }
}
