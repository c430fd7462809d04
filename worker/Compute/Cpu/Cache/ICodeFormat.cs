using System.Numerics;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// A cache type whose blocks are 32 integer codes behind one f16 scale, value = scale · (code - <see cref="Bias"/>). A group's codes
/// stand in runs of 64, which <see cref="KeyOrder"/> and <see cref="ValueOrder"/> number: two pairs of inner indices, each for 16 lanes,
/// each lane's pair side by side. After the runs come 16 scales for each block of 32 elements.
/// </summary>
internal unsafe interface ICodeFormat
{
    /// <summary>Elements of a block.</summary>
    const int BlockSize = 32;

    /// <summary>Codes of a run.</summary>
    const int RunCodes = 64;

    static abstract TensorType Type { get; }

    /// <summary>What codes are above the integers that they stand for.</summary>
    static abstract int Bias { get; }

    /// <summary>Bytes of a run.</summary>
    static abstract int RunBytes { get; }

    /// <summary>The first and the second pair of a run for a vector of lanes from <paramref name="lane"/> on.</summary>
    static abstract void Load(byte* run, int lane, out Vector<short> first, out Vector<short> second);

    /// <summary>Writes element <paramref name="element"/> of a block in file format as code <paramref name="index"/> of a group.</summary>
    static abstract void Store(byte* runs, int index, byte* block, int element);
}
