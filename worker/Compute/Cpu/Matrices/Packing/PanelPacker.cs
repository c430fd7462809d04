using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// Turns rows in file format into panels: sixteen rows interleaved so that one vector load takes the same columns of all of them. The
/// layout is the same on every machine. Blocks of <see cref="BlockColumns"/> columns follow each other through the panel; in front of
/// every <see cref="HeaderBlocks"/> blocks stands a header.
/// </summary>
internal abstract unsafe class PanelPacker
{
    /// <summary>Rows of a panel.</summary>
    public const int Rows = 16;

    private static readonly PanelPacker?[] s_byType = IndexByType(
        new ElementPacker(TensorType.F32, sizeof(float)),
        new ElementPacker(TensorType.F16, sizeof(ushort)),
        new ElementPacker(TensorType.BF16, sizeof(ushort)),
        new Q4_0Packer(TensorType.Q4_0),
        new Q4_0Packer(TensorType.IQ4_NL),
        new Q4_1Packer(),
        new Q5_0Packer(),
        new Q5_1Packer(),
        new Q8_0Packer(),
        new Q4_KPacker(),
        new Q5_KPacker(),
        new Q6_KPacker());

    /// <summary>The file format that it packs.</summary>
    public abstract TensorType Type { get; }

    /// <summary>Columns of a packed block, which a panel holds a whole number of.</summary>
    public abstract int BlockColumns { get; }

    /// <summary>Bytes of a packed block of sixteen rows.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>Blocks behind one header.</summary>
    public virtual int HeaderBlocks => 1;

    /// <summary>Bytes of a header of sixteen rows.</summary>
    public virtual int HeaderBytes => 0;

    /// <summary>Vectors of sixteen f16 that each block begins with and kernels load in the cheap way: scales, minimums, or weights.</summary>
    protected virtual int ScaleVectors => 0;

    /// <exception cref="UnsupportedTensorTypeException">No such layout.</exception>
    public static PanelPacker Get(TensorType type) =>
        ((uint)type < (uint)s_byType.Length ? s_byType[(uint)type] : null) ?? throw new UnsupportedTensorTypeException(type);

    /// <summary>Bytes of a panel of <paramref name="columns"/> columns.</summary>
    public long PanelBytes(int columns)
    {
        long blocks = columns / BlockColumns;
        return blocks * BlockBytes + blocks / HeaderBlocks * HeaderBytes;
    }

    /// <summary>
    /// Writes up to sixteen rows of <paramref name="columns"/> columns in file format, <paramref name="rowBytes"/> apart, to a panel. Rows
    /// that are never written must be zero, which every format reads as zeros.
    /// </summary>
    public virtual void PackRows(byte* rows, long rowBytes, int count, int columns, byte* panel)
    {
        for (var row = 0; row < count; row++) PackRow(rows + row * rowBytes, columns, panel, row);
    }

    /// <summary>
    /// To be called once all rows are packed: takes f16 values so small that they are subnormal into the normal range, as kernels move
    /// them to f32 bit by bit and processors are slow with subnormal operands. Returns the power of two that the panel's products are to
    /// be multiplied with. Exact: as many steps up as the largest value allows, no significant bit lost.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float Normalize(byte* panel, int columns)
    {
        if (ScaleVectors == 0) return 1;
        var (smallest, largest) = HalfRange.Empty;
        for (var c = 0; c < columns; c += BlockColumns)
        {
            var halves = (ushort*)(panel + c / BlockColumns * BlockBytes);
            for (var v = 0; v < ScaleVectors; v++) HalfRange.Extend(halves + v * Rows, ref smallest, ref largest);
        }

        var steps = HalfRange.StepsUp(smallest, largest);
        if (steps == 0) return 1;
        for (var c = 0; c < columns; c += BlockColumns)
        {
            var halves = (ushort*)(panel + c / BlockColumns * BlockBytes);
            for (var v = 0; v < ScaleVectors; v++) HalfRange.Raise(halves + v * Rows, steps);
        }

        return MathF.ScaleB(1, -steps);
    }

    /// <summary>Writes one row to row <paramref name="row"/> of a panel.</summary>
    protected abstract void PackRow(byte* source, int columns, byte* panel, int row);

    private static PanelPacker?[] IndexByType(params ReadOnlySpan<PanelPacker> packers)
    {
        var index = new PanelPacker?[64];
        foreach (var packer in packers) index[(int)packer.Type] = packer;
        return index;
    }
}
