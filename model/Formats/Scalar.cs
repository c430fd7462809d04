using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Cluster.Model.Formats;

/// <summary>Small pieces that the block codecs share.</summary>
internal static class Scalar
{
    /// <summary>Reads the f16 scale at <paramref name="offset"/> of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ReadHalf(ReadOnlySpan<byte> block, int offset) =>
        (float)BinaryPrimitives.ReadHalfLittleEndian(block[offset..]);

    public static void WriteHalf(Span<byte> block, int offset, float value) =>
        BinaryPrimitives.WriteHalfLittleEndian(block[offset..], (Half)value);

    /// <summary>1/x, and 0 for 0: an all-zero block has scale 0 and codes that decode to 0.</summary>
    public static float Reciprocal(float value) => value != 0 ? 1 / value : 0;

    /// <summary>The element of largest magnitude, with its sign: mapping it to the end of the code range that has one code more
    /// (-8 of 4 bits) loses nothing there.</summary>
    public static float LargestMagnitude(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
        {
            if (MathF.Abs(value) > MathF.Abs(largest))
                largest = value;
        }
        return largest;
    }

    public static (float Min, float Max) Range(ReadOnlySpan<float> values)
    {
        float min = float.MaxValue, max = -float.MaxValue;
        foreach (float value in values)
        {
            min = value < min ? value : min;
            max = value > max ? value : max;
        }
        return (min, max);
    }

    /// <summary>Nearest integer within the code range; a NaN gives <paramref name="min"/>'s nearest neighbour of 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RoundClamp(float value, int min, int max) =>
        Math.Clamp((int)MathF.Round(value), min, max);
}
