using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// A cache type whose blocks are 32 signed integer codes behind one f16 scale. Codes of a group stand packed in the order of
/// <see cref="KeyOrder"/> or <see cref="ValueOrder"/>, after them 16 scales for each block of 32 elements.
/// </summary>
internal unsafe interface ICodeFormat
{
    /// <summary>Elements of a block.</summary>
    const int BlockSize = 32;

    static abstract TensorType Type { get; }

    /// <summary>Bytes of <paramref name="count"/> packed codes, a multiple of 64.</summary>
    static abstract int PackedBytes(int count);

    /// <summary>Unpacks codes, a multiple of 64 of them.</summary>
    static abstract void Unpack(byte* packed, short* codes, int count);

    /// <summary>
    /// Writes element <paramref name="element"/> of a block in file format as code <paramref name="index"/>. Codes of one run of 64
    /// may share bytes; a run's codes i and i + 32 belong to the same token.
    /// </summary>
    static abstract void Store(byte* packed, int index, byte* block, int element);
}
