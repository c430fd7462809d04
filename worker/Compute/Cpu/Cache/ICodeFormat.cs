using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// A cache type whose blocks are 32 integer codes behind an f16 scale, some with an f16 minimum next to it:
/// value = scale · (code - <see cref="Bias"/>) + minimum. How the codes are packed is <see cref="ICodeBits"/>.
/// </summary>
internal interface ICodeFormat
{
    /// <summary>Elements of a block.</summary>
    const int BlockSize = 32;

    static abstract TensorType Type { get; }

    /// <summary>What codes are above the integers that they stand for.</summary>
    static abstract int Bias { get; }

    /// <summary>Whether a block has a minimum.</summary>
    static abstract bool HasMinimum { get; }
}
