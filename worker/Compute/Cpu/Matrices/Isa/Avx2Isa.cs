using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Cluster.Compute.Cpu.Matrices.Isa;

/// <summary>x86-64 with AVX2 and FMA: two registers a panel vector, dot products by way of int16 pairs.</summary>
internal readonly unsafe struct Avx2Isa : IPanelIsa<Vector256Pair>
{
    public static Vector256Pair Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<byte>.Zero, Vector256<byte>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Load(byte* source, int offset) =>
        new(Vector256.Load(source + offset), Vector256.Load(source + offset + 32));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* destination, int offset, Vector256Pair value)
    {
        value.Low.Store(destination + offset);
        value.High.Store(destination + offset + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair LoadHalf(byte* source, int offset) =>
        new(HalfToSingle((short*)(source + offset)), HalfToSingle((short*)(source + offset + 16)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair LoadHalfScaled(byte* source, int offset) =>
        new(MoveHalf((short*)(source + offset)), MoveHalf((short*)(source + offset + 16)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair LoadBFloat16(byte* source, int offset) => new(
        Avx2.ShiftLeftLogical(Avx2.ConvertToVector256Int32((ushort*)(source + offset)), 16).AsByte(),
        Avx2.ShiftLeftLogical(Avx2.ConvertToVector256Int32((ushort*)(source + offset + 16)), 16).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair LoadByte(byte* source, int offset) => new(
        Avx2.ConvertToVector256Int32(source + offset).AsByte(), Avx2.ConvertToVector256Int32(source + offset + 8).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair LoadSByte(byte* source, int offset) => new(
        Avx2.ConvertToVector256Int32((sbyte*)(source + offset)).AsByte(),
        Avx2.ConvertToVector256Int32((sbyte*)(source + offset + 8)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Broadcast(byte* source, int offset) => Both(Vector256.Create(*(int*)(source + offset)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair BroadcastFloat(float value) => Both(Vector256.Create(value).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair LoadTable(byte* source) => Both(Avx2.BroadcastVector128ToVector256(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair AndByte(Vector256Pair value, byte mask) =>
        new(value.Low & Vector256.Create(mask), value.High & Vector256.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Or(Vector256Pair left, Vector256Pair right) => new(left.Low | right.Low, left.High | right.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair ShiftLeft(Vector256Pair value, int count) =>
        new((value.Low.AsInt32() << count).AsByte(), (value.High.AsInt32() << count).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair ShiftRight(Vector256Pair value, int count) =>
        new((value.Low.AsInt32() >>> count).AsByte(), (value.High.AsInt32() >>> count).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Add(Vector256Pair left, Vector256Pair right) =>
        new((left.Low.AsInt32() + right.Low.AsInt32()).AsByte(), (left.High.AsInt32() + right.High.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Lookup(Vector256Pair table, Vector256Pair indices) =>
        new(Avx2.Shuffle(table.Low, indices.Low), Avx2.Shuffle(table.High, indices.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Start(byte* source, int offset) => Broadcast(source, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair MultiplyLevels(Vector256Pair levels, byte* activations, int offset)
    {
        var four = Vector256.Create(*(int*)(activations + offset)).AsSByte();
        return new(Avx2.MultiplyAddAdjacent(levels.Low, four).AsByte(), Avx2.MultiplyAddAdjacent(levels.High, four).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair MultiplyAddLevels(Vector256Pair accumulator, Vector256Pair levels, byte* activations, int offset)
    {
        var four = Vector256.Create(*(int*)(activations + offset)).AsSByte();
        return new(
            Avx2.Add(accumulator.Low.AsInt16(), Avx2.MultiplyAddAdjacent(levels.Low, four)).AsByte(),
            Avx2.Add(accumulator.High.AsInt16(), Avx2.MultiplyAddAdjacent(levels.High, four)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair AddSums(Vector256Pair left, Vector256Pair right) =>
        new((left.Low.AsInt16() + right.Low.AsInt16()).AsByte(), (left.High.AsInt16() + right.High.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair SumLevels(Vector256Pair accumulator)
    {
        var ones = Vector256.Create((short)1);
        return new(
            Avx2.MultiplyAddAdjacent(accumulator.Low.AsInt16(), ones).AsByte(),
            Avx2.MultiplyAddAdjacent(accumulator.High.AsInt16(), ones).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair SumScaledLevels(Vector256Pair accumulator, Vector256Pair levelScale) => new(
        Avx2.MultiplyAddAdjacent(accumulator.Low.AsInt16(), levelScale.Low.AsInt16()).AsByte(),
        Avx2.MultiplyAddAdjacent(accumulator.High.AsInt16(), levelScale.High.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair ToLevelScale(Vector256Pair factors) => new(TwoOf(factors.Low), TwoOf(factors.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair MultiplyAddWeights(Vector256Pair accumulator, Vector256Pair weights, byte* activations, int offset)
    {
        // |w| · sign(w) x: two products are at most 2 · 128 · 127, which int16 holds.
        var four = Vector256.Create(*(int*)(activations + offset)).AsSByte();
        var ones = Vector256.Create((short)1);
        var low = Avx2.MultiplyAddAdjacent(Avx2.Abs(weights.Low.AsSByte()), Avx2.Sign(four, weights.Low.AsSByte()));
        var high = Avx2.MultiplyAddAdjacent(Avx2.Abs(weights.High.AsSByte()), Avx2.Sign(four, weights.High.AsSByte()));
        return new(
            Avx2.Add(accumulator.Low.AsInt32(), Avx2.MultiplyAddAdjacent(low, ones)).AsByte(),
            Avx2.Add(accumulator.High.AsInt32(), Avx2.MultiplyAddAdjacent(high, ones)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Magnitude(Vector256Pair weights) =>
        new(Avx2.Abs(weights.Low.AsSByte()), Avx2.Abs(weights.High.AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Signs(Vector256Pair weights) => new(
        Avx2.CompareGreaterThan(Vector256<sbyte>.Zero, weights.Low.AsSByte()).AsByte(),
        Avx2.CompareGreaterThan(Vector256<sbyte>.Zero, weights.High.AsSByte()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair MultiplyAddSigned(
        Vector256Pair accumulator, Vector256Pair magnitudes, Vector256Pair signs, byte* activations, int offset)
    {
        // Two products are at most 2 · 128 · 128 below zero and 2 · 128 · 127 above, which int16 holds.
        var four = Vector256.Create(*(int*)(activations + offset)).AsByte();
        var ones = Vector256.Create((short)1);
        var low = Avx2.MultiplyAddAdjacent(magnitudes.Low, (four ^ signs.Low).AsSByte());
        var high = Avx2.MultiplyAddAdjacent(magnitudes.High, (four ^ signs.High).AsSByte());
        return new(
            Avx2.Add(accumulator.Low.AsInt32(), Avx2.MultiplyAddAdjacent(low, ones)).AsByte(),
            Avx2.Add(accumulator.High.AsInt32(), Avx2.MultiplyAddAdjacent(high, ones)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair AddNegatives(Vector256Pair accumulator, Vector256Pair magnitudes, Vector256Pair signs) => new(
        (accumulator.Low.AsInt32() + SumOfFour(magnitudes.Low & signs.Low)).AsByte(),
        (accumulator.High.AsInt32() + SumOfFour(magnitudes.High & signs.High)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair ToFloat(Vector256Pair value) => new(
        Avx.ConvertToVector256Single(value.Low.AsInt32()).AsByte(), Avx.ConvertToVector256Single(value.High.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair Multiply(Vector256Pair left, Vector256Pair right) =>
        new((left.Low.AsSingle() * right.Low.AsSingle()).AsByte(), (left.High.AsSingle() * right.High.AsSingle()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair AddFloat(Vector256Pair left, Vector256Pair right) =>
        new((left.Low.AsSingle() + right.Low.AsSingle()).AsByte(), (left.High.AsSingle() + right.High.AsSingle()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Pair MultiplyAdd(Vector256Pair left, Vector256Pair right, Vector256Pair addend) => new(
        Fma.MultiplyAdd(left.Low.AsSingle(), right.Low.AsSingle(), addend.Low.AsSingle()).AsByte(),
        Fma.MultiplyAdd(left.High.AsSingle(), right.High.AsSingle(), addend.High.AsSingle()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAddInto(byte* sums, int offset, Vector256Pair left, Vector256Pair right)
    {
        var low = (float*)(sums + offset);
        Fma.MultiplyAdd(left.Low.AsSingle(), right.Low.AsSingle(), Vector256.Load(low)).Store(low);
        Fma.MultiplyAdd(left.High.AsSingle(), right.High.AsSingle(), Vector256.Load(low + 8)).Store(low + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address, int offset) => Sse.Prefetch0(address + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchOnce(byte* address, int offset) => Sse.PrefetchNonTemporal(address + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256Pair Both(Vector256<byte> value) => new(value, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> SumOfFour(Vector256<byte> bytes) =>
        Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(bytes, Vector256.Create((sbyte)1)), Vector256.Create((short)1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> TwoOf(Vector256<byte> factors) =>
        Avx2.Blend(factors.AsInt16(), Avx2.ShiftLeftLogical(factors.AsInt32(), 16).AsInt16(), 0b1010_1010).AsByte();

    /// <summary>
    /// There is no conversion instruction in .NET. Moved into place and rebiased, a value a of normal f16 is right; of a subnormal m · 2^-24
    /// it is 2^-15 (1 + m / 1024), of which 2a - 2^-14 is m · 2^-24. That is the smaller one exactly then.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> HalfToSingle(short* source)
    {
        var bits = Avx2.ConvertToVector256Int32(source);
        var rebiased = (((bits << 13) & Vector256.Create(0x0fffe000)) + Vector256.Create(112 << 23)).AsSingle();
        var renormalized = Fma.MultiplyAdd(rebiased, Vector256.Create(2f), Vector256.Create(-6.103515625e-5f));
        return (Avx.Min(rebiased, renormalized).AsInt32() | (bits & Vector256.Create(int.MinValue))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> MoveHalf(short* source) =>
        ((Avx2.ConvertToVector256Int32(source) << 13) & Vector256.Create(unchecked((int)0x8fffe000))).AsByte();
}
