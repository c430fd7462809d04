using System.Numerics;
using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// How codes are packed: in blocks of the file format, and in a group's runs. A run is 64 codes, 16 lanes of four members each; the first
/// two members are one factor of <see cref="Vectors.PairProduct"/>, the other two another. <see cref="KeyOrder"/> and
/// <see cref="ValueOrder"/> say what lanes and members are.
/// </summary>
internal unsafe interface ICodeBits
{
    /// <summary>Codes of a run.</summary>
    const int RunCodes = Lanes * Members;

    /// <summary>Lanes of a run.</summary>
    const int Lanes = 16;

    /// <summary>Codes of a lane.</summary>
    const int Members = 4;

    /// <summary>Bytes of a run.</summary>
    static abstract int RunBytes { get; }

    /// <summary>The first and the second pair of members for a vector of lanes from <paramref name="lane"/> on.</summary>
    static abstract void Load(byte* run, int lane, out Vector<short> first, out Vector<short> second);

    /// <summary>The 32 codes of a block, a byte each, from what follows the block's header.</summary>
    static abstract void Unpack(byte* packed, byte* codes);

    /// <summary>The reverse of <see cref="Unpack"/>.</summary>
    static abstract void Pack(byte* codes, byte* packed);

    /// <summary>Writes one lane: its members, a byte each, the first lowest.</summary>
    static abstract void StoreLane(byte* run, int lane, uint members);

    static abstract uint LoadLane(byte* run, int lane);

    /// <summary>Writes one member of all lanes.</summary>
    static abstract void StoreMember(byte* run, int member, Vector128<byte> lanes);

    static abstract Vector128<byte> LoadMember(byte* run, int member);
}
