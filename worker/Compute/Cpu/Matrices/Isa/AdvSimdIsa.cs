using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Cluster.Compute.Cpu.Matrices.Isa;

/// <summary>ARM64: four registers a panel vector, dot products into int32, by one instruction where the processor has it.</summary>
internal readonly unsafe struct AdvSimdIsa : IPanelIsa<Vector128Quad>
{
    public static Vector128Quad Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => All(Vector128<byte>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Load(byte* source, int offset) => new(
            Vector128.Load(source + offset),
            Vector128.Load(source + offset + 16),
            Vector128.Load(source + offset + 32),
            Vector128.Load(source + offset + 48));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Broadcast(byte* source, int offset) => All(Vector128.Create(*(int*)(source + offset)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad BroadcastFloat(float value) => All(Vector128.Create(value).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad LoadTable(byte* source) => All(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad AndByte(Vector128Quad value, byte mask) => new(
            value.V0 & Vector128.Create(mask),
            value.V1 & Vector128.Create(mask),
            value.V2 & Vector128.Create(mask),
            value.V3 & Vector128.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Or(Vector128Quad left, Vector128Quad right) => new(
            left.V0 | right.V0,
            left.V1 | right.V1,
            left.V2 | right.V2,
            left.V3 | right.V3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad ShiftLeft(Vector128Quad value, int count) => new(
            (value.V0.AsInt32() << count).AsByte(),
            (value.V1.AsInt32() << count).AsByte(),
            (value.V2.AsInt32() << count).AsByte(),
            (value.V3.AsInt32() << count).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad ShiftRight(Vector128Quad value, int count) => new(
            (value.V0.AsInt32() >>> count).AsByte(),
            (value.V1.AsInt32() >>> count).AsByte(),
            (value.V2.AsInt32() >>> count).AsByte(),
            (value.V3.AsInt32() >>> count).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Add(Vector128Quad left, Vector128Quad right) => new(
            (left.V0.AsInt32() + right.V0.AsInt32()).AsByte(),
            (left.V1.AsInt32() + right.V1.AsInt32()).AsByte(),
            (left.V2.AsInt32() + right.V2.AsInt32()).AsByte(),
            (left.V3.AsInt32() + right.V3.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad ToFloat(Vector128Quad value) => new(
            Vector128.ConvertToSingle(value.V0.AsInt32()).AsByte(),
            Vector128.ConvertToSingle(value.V1.AsInt32()).AsByte(),
            Vector128.ConvertToSingle(value.V2.AsInt32()).AsByte(),
            Vector128.ConvertToSingle(value.V3.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Multiply(Vector128Quad left, Vector128Quad right) => new(
            (left.V0.AsSingle() * right.V0.AsSingle()).AsByte(),
            (left.V1.AsSingle() * right.V1.AsSingle()).AsByte(),
            (left.V2.AsSingle() * right.V2.AsSingle()).AsByte(),
            (left.V3.AsSingle() * right.V3.AsSingle()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad AddFloat(Vector128Quad left, Vector128Quad right) => new(
            (left.V0.AsSingle() + right.V0.AsSingle()).AsByte(),
            (left.V1.AsSingle() + right.V1.AsSingle()).AsByte(),
            (left.V2.AsSingle() + right.V2.AsSingle()).AsByte(),
            (left.V3.AsSingle() + right.V3.AsSingle()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad LoadBFloat16(byte* source, int offset) => new(
            (Widen(source + offset) << 16).AsByte(),
            (Widen(source + offset + 8) << 16).AsByte(),
            (Widen(source + offset + 16) << 16).AsByte(),
            (Widen(source + offset + 24) << 16).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad LoadHalf(byte* source, int offset) => new(
            HalfToSingle(Widen(source + offset)),
            HalfToSingle(Widen(source + offset + 8)),
            HalfToSingle(Widen(source + offset + 16)),
            HalfToSingle(Widen(source + offset + 24)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad LoadHalfScaled(byte* source, int offset) => new(
            MoveHalf(Widen(source + offset)),
            MoveHalf(Widen(source + offset + 8)),
            MoveHalf(Widen(source + offset + 16)),
            MoveHalf(Widen(source + offset + 24)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAddInto(byte* sums, int offset, Vector128Quad left, Vector128Quad right) =>
        Store(sums, offset, MultiplyAdd(left, right, Load(sums, offset)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad ToLevelScale(Vector128Quad factors) => factors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad AddSums(Vector128Quad left, Vector128Quad right) =>
        Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad SumLevels(Vector128Quad accumulator) => accumulator;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad SumScaledLevels(Vector128Quad accumulator, Vector128Quad levelScale) => new(
            (accumulator.V0.AsInt32() * levelScale.V0.AsInt32()).AsByte(),
            (accumulator.V1.AsInt32() * levelScale.V1.AsInt32()).AsByte(),
            (accumulator.V2.AsInt32() * levelScale.V2.AsInt32()).AsByte(),
            (accumulator.V3.AsInt32() * levelScale.V3.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad MultiplyAddWeights(Vector128Quad accumulator, Vector128Quad weights, byte* activations, int offset) =>
        Dots(accumulator, weights, activations, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Magnitude(Vector128Quad weights) => weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad LoadByte(byte* source, int offset) => new(
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + offset)).AsByte())).AsByte(),
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + offset + 4)).AsByte())).AsByte(),
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + offset + 8)).AsByte())).AsByte(),
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + offset + 12)).AsByte())).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad LoadSByte(byte* source, int offset) => new(
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + offset)).AsSByte())).AsByte(),
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + offset + 4)).AsSByte())).AsByte(),
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + offset + 8)).AsSByte())).AsByte(),
            Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(source + offset + 12)).AsSByte())).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Lookup(Vector128Quad table, Vector128Quad indices) => new(
            AdvSimd.Arm64.VectorTableLookup(table.V0, indices.V0),
            AdvSimd.Arm64.VectorTableLookup(table.V1, indices.V1),
            AdvSimd.Arm64.VectorTableLookup(table.V2, indices.V2),
            AdvSimd.Arm64.VectorTableLookup(table.V3, indices.V3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad MultiplyAdd(Vector128Quad left, Vector128Quad right, Vector128Quad addend) => new(
            AdvSimd.FusedMultiplyAdd(addend.V0.AsSingle(), left.V0.AsSingle(), right.V0.AsSingle()).AsByte(),
            AdvSimd.FusedMultiplyAdd(addend.V1.AsSingle(), left.V1.AsSingle(), right.V1.AsSingle()).AsByte(),
            AdvSimd.FusedMultiplyAdd(addend.V2.AsSingle(), left.V2.AsSingle(), right.V2.AsSingle()).AsByte(),
            AdvSimd.FusedMultiplyAdd(addend.V3.AsSingle(), left.V3.AsSingle(), right.V3.AsSingle()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* destination, int offset, Vector128Quad value)
    {
        value.V0.Store(destination + offset);
        value.V1.Store(destination + offset + 16);
        value.V2.Store(destination + offset + 32);
        value.V3.Store(destination + offset + 48);
    }

    /// <summary>Accumulators are int32 here: a lane's two int16 become their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Start(byte* source, int offset)
    {
        var pair = (short*)(source + offset);
        return All(Vector128.Create(pair[0] + pair[1]).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad MultiplyLevels(Vector128Quad levels, byte* activations, int offset) =>
        MultiplyAddLevels(Zero, levels, activations, offset);

    /// <summary>Levels are at most 127, so they may be taken as signed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad MultiplyAddLevels(Vector128Quad accumulator, Vector128Quad levels, byte* activations, int offset) =>
        Dots(accumulator, levels, activations, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad Signs(Vector128Quad weights) => Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad MultiplyAddSigned(
        Vector128Quad accumulator, Vector128Quad magnitudes, Vector128Quad signs, byte* activations, int offset) =>
        Dots(accumulator, magnitudes, activations, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Quad AddNegatives(Vector128Quad accumulator, Vector128Quad magnitudes, Vector128Quad signs) => accumulator;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128Quad Dots(Vector128Quad accumulator, Vector128Quad weights, byte* activations, int offset)
    {
        var four = Vector128.Create(*(int*)(activations + offset)).AsSByte();
        return new(
            Dot(accumulator.V0, weights.V0, four),
            Dot(accumulator.V1, weights.V1, four),
            Dot(accumulator.V2, weights.V2, four),
            Dot(accumulator.V3, weights.V3, four));
    }

    /// <summary>Weights stream through without prefetching: the hardware of this family sees sequential reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* address, int offset)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchOnce(byte* address, int offset)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128Quad All(Vector128<byte> value) => new(value, value, value, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(byte* source) =>
        Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)source).AsUInt16()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> MoveHalf(Vector128<int> bits) =>
        (((bits & Vector128.Create(0x7fff)) << 13) | ((bits & Vector128.Create(0x8000)) << 16)).AsByte();

    /// <summary>As <see cref="Avx2Isa"/> explains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> HalfToSingle(Vector128<int> bits)
    {
        var rebiased = (((bits & Vector128.Create(0x7fff)) << 13) + Vector128.Create(112 << 23)).AsSingle();
        var renormalized = rebiased + rebiased - Vector128.Create(6.103515625e-5f);
        return (Vector128.Min(rebiased, renormalized).AsInt32() | ((bits & Vector128.Create(0x8000)) << 16)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Dot(Vector128<byte> accumulator, Vector128<byte> weights, Vector128<sbyte> four)
    {
        var sums = accumulator.AsInt32();
        var signed = weights.AsSByte();
        if (Dp.IsSupported) return Dp.DotProduct(sums, signed, four).AsByte();

        var lower = AdvSimd.MultiplyWideningLower(signed.GetLower(), four.GetLower());
        var upper = AdvSimd.MultiplyWideningUpper(signed, four);
        var pairs = AdvSimd.Arm64.AddPairwise(
            AdvSimd.AddPairwiseWidening(lower), AdvSimd.AddPairwiseWidening(upper));
        return (sums + pairs).AsByte();
    }
}
