using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu.Matrices.Isa;

/// <summary>x86-64 with AVX-512 F and BW: one register a panel vector, dot products by way of int16 pairs.</summary>
internal readonly unsafe struct Avx512Isa : IPanelIsa<Vector512<byte>>
{
    public static Vector512<byte> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<byte>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* source, int offset) => Vector512.Load(source + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* destination, int offset, Vector512<byte> value) => value.Store(destination + offset);

    /// <summary>As <see cref="Avx2Isa"/> explains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadHalf(byte* source, int offset)
    {
        var bits = Avx512F.ConvertToVector512Int32(Vector256.Load((short*)(source + offset)));
        var rebiased = (((bits << 13) & Vector512.Create(0x0fffe000)) + Vector512.Create(112 << 23)).AsSingle();
        var renormalized = Avx512F.FusedMultiplyAdd(rebiased, Vector512.Create(2f), Vector512.Create(-6.103515625e-5f));
        return (Avx512F.Min(rebiased, renormalized).AsInt32() | (bits & Vector512.Create(int.MinValue))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadHalfScaled(byte* source, int offset)
    {
        var bits = Avx512F.ConvertToVector512Int32(Vector256.Load((short*)(source + offset)));
        return ((bits << 13) & Vector512.Create(unchecked((int)0x8fffe000))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadBFloat16(byte* source, int offset) =>
        (Avx512F.ConvertToVector512Int32(Vector256.Load((ushort*)(source + offset))) << 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadByte(byte* source, int offset) =>
        Avx512F.ConvertToVector512Int32(Vector128.Load(source + offset)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadSByte(byte* source, int offset) =>
        Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)(source + offset))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast(byte* source, int offset) => Vector512.Create(*(int*)(source + offset)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> BroadcastFloat(float value) => Vector512.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadTable(byte* source) =>
        Avx512F.BroadcastVector128ToVector512((int*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AndByte(Vector512<byte> value, byte mask) => value & Vector512.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Or(Vector512<byte> left, Vector512<byte> right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ShiftLeft(Vector512<byte> value, int count) => (value.AsInt32() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ShiftRight(Vector512<byte> value, int count) => (value.AsInt32() >>> count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Add(Vector512<byte> left, Vector512<byte> right) => (left.AsInt32() + right.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Lookup(Vector512<byte> table, Vector512<byte> indices) => Avx512BW.Shuffle(table, indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Start(byte* source, int offset) => Broadcast(source, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyLevels(Vector512<byte> levels, byte* activations, int offset) =>
        Avx512BW.MultiplyAddAdjacent(levels, Vector512.Create(*(int*)(activations + offset)).AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAddLevels(Vector512<byte> accumulator, Vector512<byte> levels, byte* activations, int offset)
    {
        var four = Vector512.Create(*(int*)(activations + offset)).AsSByte();
        return (accumulator.AsInt16() + Avx512BW.MultiplyAddAdjacent(levels, four)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddSums(Vector512<byte> left, Vector512<byte> right) =>
        (left.AsInt16() + right.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SumLevels(Vector512<byte> accumulator) =>
        Avx512BW.MultiplyAddAdjacent(accumulator.AsInt16(), Vector512.Create((short)1)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SumScaledLevels(Vector512<byte> accumulator, Vector512<byte> levelScale) =>
        Avx512BW.MultiplyAddAdjacent(accumulator.AsInt16(), levelScale.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ToLevelScale(Vector512<byte> factors) =>
        ((factors.AsInt32() & Vector512.Create(0xffff)) | (factors.AsInt32() << 16)).AsByte();

    /// <summary>There is no sign instruction of this width: codes are negated under a mask of the negative weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAddWeights(Vector512<byte> accumulator, Vector512<byte> weights, byte* activations, int offset)
    {
        var four = Vector512.Create(*(int*)(activations + offset)).AsSByte();
        var turned = Vector512.ConditionalSelect(Vector512.LessThan(weights.AsSByte(), Vector512<sbyte>.Zero), -four, four);
        var pairs = Avx512BW.MultiplyAddAdjacent(Avx512BW.Abs(weights.AsSByte()), turned);
        return (accumulator.AsInt32() + Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create((short)1))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Magnitude(Vector512<byte> weights) => Avx512BW.Abs(weights.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Signs(Vector512<byte> weights) =>
        Vector512.LessThan(weights.AsSByte(), Vector512<sbyte>.Zero).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAddSigned(
        Vector512<byte> accumulator, Vector512<byte> magnitudes, Vector512<byte> signs, byte* activations, int offset)
    {
        var four = Vector512.Create(*(int*)(activations + offset)).AsByte();
        var pairs = Avx512BW.MultiplyAddAdjacent(magnitudes, (four ^ signs).AsSByte());
        return (accumulator.AsInt32() + Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create((short)1))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddNegatives(Vector512<byte> accumulator, Vector512<byte> magnitudes, Vector512<byte> signs)
    {
        var pairs = Avx512BW.MultiplyAddAdjacent(magnitudes & signs, Vector512.Create((sbyte)1));
        return (accumulator.AsInt32() + Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create((short)1))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ToFloat(Vector512<byte> value) => Avx512F.ConvertToVector512Single(value.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Multiply(Vector512<byte> left, Vector512<byte> right) => (left.AsSingle() * right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddFloat(Vector512<byte> left, Vector512<byte> right) => (left.AsSingle() + right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAdd(Vector512<byte> left, Vector512<byte> right, Vector512<byte> addend) =>
        Avx512F.FusedMultiplyAdd(left.AsSingle(), right.AsSingle(), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAddInto(byte* sums, int offset, Vector512<byte> left, Vector512<byte> right) =>
        Avx512F.FusedMultiplyAdd(left.AsSingle(), right.AsSingle(), Vector512.Load((float*)(sums + offset))).Store((float*)(sums + offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address, int offset) => Sse.Prefetch0(address + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchOnce(byte* address, int offset) => Sse.PrefetchNonTemporal(address + offset);
}
