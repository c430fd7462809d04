using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cluster.Worker.Collectives.Wire;

/// <summary>
/// GGUF's Q8_0: blocks of 32 values, each an f16 scale and 32 signed bytes; a last block of n values has n bytes. A quarter of f32, at
/// an error of at most 1/254 of a block's largest magnitude.
/// </summary>
/// <remarks>
/// Unlike a file's quantizer this one divides by the scale as it was rounded to f16, which halves the error of the largest values.
/// The vector and the scalar path do the same arithmetic element by element (no fused multiply-add), hence give the same bits.
/// </remarks>
internal sealed class Q8_0WireFormat : IWireFormat
{
    private const int Block = IWireFormat.BlockSize;
    private const int ScaleBytes = 2;
    private const int BlockBytes = ScaleBytes + Block;
    private const float MaxQuant = 127f;
    private const float MaxScale = 65504f;

    public string Name => "q8_0";

    public bool IsExact => false;

    public int EncodedLength(int count) => checked(count + (count + Block - 1) / Block * ScaleBytes);

    public void Encode(ReadOnlySpan<float> values, Span<byte> destination)
    {
        while (values.Length >= Block)
        {
            EncodeBlock(ref MemoryMarshal.GetReference(values), destination[..BlockBytes]);
            values = values[Block..];
            destination = destination[BlockBytes..];
        }

        if (!values.IsEmpty) EncodeTail(values, destination);
    }

    public void Decode(ReadOnlySpan<byte> source, Span<float> values)
    {
        while (values.Length >= Block)
        {
            DecodeBlock(source[..BlockBytes], out var a, out var b, out var c, out var d);
            ref var v = ref MemoryMarshal.GetReference(values);
            a.StoreUnsafe(ref v);
            b.StoreUnsafe(ref v, 8);
            c.StoreUnsafe(ref v, 16);
            d.StoreUnsafe(ref v, 24);
            values = values[Block..];
            source = source[BlockBytes..];
        }

        if (values.IsEmpty) return;
        var scale = ReadScale(source);
        for (var i = 0; i < values.Length; i++) values[i] = scale * (sbyte)source[ScaleBytes + i];
    }

    public void Accumulate(ReadOnlySpan<byte> source, Span<float> values)
    {
        while (values.Length >= Block)
        {
            DecodeBlock(source[..BlockBytes], out var a, out var b, out var c, out var d);
            ref var v = ref MemoryMarshal.GetReference(values);
            (Vector256.LoadUnsafe(ref v) + a).StoreUnsafe(ref v);
            (Vector256.LoadUnsafe(ref v, 8) + b).StoreUnsafe(ref v, 8);
            (Vector256.LoadUnsafe(ref v, 16) + c).StoreUnsafe(ref v, 16);
            (Vector256.LoadUnsafe(ref v, 24) + d).StoreUnsafe(ref v, 24);
            values = values[Block..];
            source = source[BlockBytes..];
        }

        if (values.IsEmpty) return;
        var scale = ReadScale(source);
        for (var i = 0; i < values.Length; i++) values[i] += scale * (sbyte)source[ScaleBytes + i];
    }

    /// <summary>The scalar form, for a last short block; with 32 values it writes what the vector form writes.</summary>
    internal static void EncodeTail(ReadOnlySpan<float> values, Span<byte> destination)
    {
        var largest = 0f;
        foreach (var value in values) largest = MathF.Max(largest, MathF.Abs(value));
        var inverse = WriteScale(largest, destination);
        for (var i = 0; i < values.Length; i++)
        {
            var quant = MathF.Min(MathF.Max(MathF.Round(values[i] * inverse), -MaxQuant), MaxQuant);
            destination[ScaleBytes + i] = (byte)(sbyte)(float.IsNaN(quant) ? 0 : (int)quant);
        }
    }

    private static void EncodeBlock(ref float values, Span<byte> destination)
    {
        var a = Vector256.LoadUnsafe(ref values);
        var b = Vector256.LoadUnsafe(ref values, 8);
        var c = Vector256.LoadUnsafe(ref values, 16);
        var d = Vector256.LoadUnsafe(ref values, 24);
        var largest8 = Vector256.Max(
            Vector256.Max(Vector256.Abs(a), Vector256.Abs(b)), Vector256.Max(Vector256.Abs(c), Vector256.Abs(d)));
        var largest4 = Vector128.Max(largest8.GetLower(), largest8.GetUpper());
        var largest2 = Vector128.Max(largest4, Vector128.Shuffle(largest4, Vector128.Create(2, 3, 0, 1)));
        var inverse = WriteScale(MathF.Max(largest2[0], largest2[1]), destination);

        var low = Vector256.Narrow(Quantize(a, inverse), Quantize(b, inverse));
        var high = Vector256.Narrow(Quantize(c, inverse), Quantize(d, inverse));
        Vector256.Narrow(low, high).StoreUnsafe(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, sbyte>(destination[ScaleBytes..])));
    }

    private static Vector256<int> Quantize(Vector256<float> values, float inverse)
    {
        var quants = Vector256.Round(values * inverse);
        return Vector256.ConvertToInt32(Vector256.Min(Vector256.Max(quants, Vector256.Create(-MaxQuant)), Vector256.Create(MaxQuant)));
    }

    private static void DecodeBlock(
        ReadOnlySpan<byte> block, out Vector256<float> a, out Vector256<float> b, out Vector256<float> c, out Vector256<float> d)
    {
        var scale = Vector256.Create(ReadScale(block));
        var quants = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, sbyte>(block[ScaleBytes..])));
        var (low, high) = Vector256.Widen(quants);
        var (q0, q1) = Vector256.Widen(low);
        var (q2, q3) = Vector256.Widen(high);
        a = scale * Vector256.ConvertToSingle(q0);
        b = scale * Vector256.ConvertToSingle(q1);
        c = scale * Vector256.ConvertToSingle(q2);
        d = scale * Vector256.ConvertToSingle(q3);
    }

    /// <summary>Writes the scale of a block and returns what its values are multiplied with; 0 for one too small to be told from 0.</summary>
    private static float WriteScale(float largest, Span<byte> destination)
    {
        var scale = (Half)MathF.Min(largest / MaxQuant, MaxScale);
        BinaryPrimitives.WriteHalfLittleEndian(destination, scale);
        return scale == Half.Zero ? 0f : 1f / (float)scale;
    }

    private static float ReadScale(ReadOnlySpan<byte> source) => (float)BinaryPrimitives.ReadHalfLittleEndian(source);
}
