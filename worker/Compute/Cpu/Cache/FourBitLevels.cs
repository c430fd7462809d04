using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Nibbles that number the levels of IQ4_NL, packed as <see cref="FourBits"/>. The lowest level is moved to 0: so a code needs no sign,
/// and the zero bytes above widened nibbles stay zero when one byte shuffle looks up all of a vector.
/// </summary>
internal readonly unsafe struct FourBitLevels : ICodeBits
{
    /// <summary>What codes are above the format's levels (<see cref="Cluster.Model.Formats.IQ4_NLLevels"/>).</summary>
    public const int Bias = 127;

    public static int RunBytes => FourBits.RunBytes;

    private static Vector128<byte> Levels => Vector128.Create((byte)0, 23, 44, 62, 78, 92, 105, 117, 128, 140, 152, 165, 180, 196, 216, 240);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* run, int lane, out Vector<short> first, out Vector<short> second)
    {
        FourBits.Load(run, lane, out first, out second);
        (first, second) = (LookUp(first), LookUp(second));
    }

    public static void Unpack(byte* packed, byte* codes) => FourBits.Unpack(packed, codes);

    public static void Pack(byte* codes, byte* packed) => FourBits.Pack(codes, packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreLane(byte* run, int lane, uint members) => FourBits.StoreLane(run, lane, members);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LoadLane(byte* run, int lane) => FourBits.LoadLane(run, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMember(byte* run, int member, Vector128<byte> lanes) => FourBits.StoreMember(run, member, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadMember(byte* run, int member) => FourBits.LoadMember(run, member);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<short> LookUp(Vector<short> nibbles)
    {
        var indices = Vector.AsVectorByte(nibbles);
        if (Avx512BW.IsSupported && Vector<byte>.Count == 64)
            return Avx512BW.Shuffle(Vector512.Create(Levels), indices.AsVector512()).AsInt16().AsVector();
        if (Avx2.IsSupported && Vector<byte>.Count == 32)
            return Avx2.Shuffle(Vector256.Create(Levels), indices.AsVector256()).AsInt16().AsVector();
        return Vector128.ShuffleNative(Levels, indices.AsVector128()).AsInt16().AsVector();
    }
}
