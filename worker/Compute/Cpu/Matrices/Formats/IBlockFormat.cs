using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>How a kernel reads one packed block format; the layouts are those of the packer of the same name.</summary>
internal unsafe interface IBlockFormat<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    /// <summary>Bytes of a block of sixteen rows and 32 columns.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Blocks behind one header, 1 where there is none.</summary>
    static abstract int HeaderBlocks { get; }

    static abstract int HeaderBytes { get; }

    /// <summary>
    /// What sums are to be multiplied with: undoes <see cref="Activations.ActivationRecord.Factor"/> and the 2^-112 of
    /// <see cref="IPanelIsa{TVector}.LoadHalfScaled"/>, where scales and minimums are loaded by that.
    /// </summary>
    static abstract float ResultFactor { get; }

    static abstract LevelKind Levels { get; }

    static abstract OffsetKind Offset { get; }

    /// <summary>The table that four-bit codes are looked up in before they are multiplied; zero for none.</summary>
    static abstract TVector Table { get; }

    /// <summary>The rows' f32 scales of the blocks behind a header.</summary>
    static abstract TVector HeaderScale(byte* header);

    /// <summary>The rows' f32 units of minimums of the blocks behind a header.</summary>
    static abstract TVector HeaderMinimum(byte* header);

    /// <summary>The rows' f32 scales of a block.</summary>
    static abstract TVector Scale(byte* block, TVector headerScale);

    /// <summary>
    /// What is added for each unit of activation, over -8, as activation sums come times -8. For <see cref="OffsetKind.Minimum"/>.
    /// </summary>
    static abstract TVector Minimum(byte* block, TVector headerMinimum, TVector scale);

    /// <summary>The integer factors of the first and the last 16 columns. For <see cref="LevelKind.SixBit"/>.</summary>
    static abstract TVector HalfScale(byte* block, int half);

    /// <summary>The levels of group <paramref name="quarter"/> (columns 4 · quarter on) and of the group 16 columns later.</summary>
    static abstract void Unpack(byte* block, int quarter, TVector table, out TVector first, out TVector second);
}
