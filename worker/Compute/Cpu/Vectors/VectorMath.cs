using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>Exponentials of a whole vector, about twelve instructions each.</summary>
internal static class VectorMath
{
    public const float Log2E = 1.44269504f;

    // Minimax polynomial of 2^x on [-1/2, 1/2] by relative error (Remez exchange): 7.5e-8.
    private const float C0 = 1.0000000716546822f;
    private const float C1 = 0.6931469670647331f;
    private const float C2 = 0.24022119723848476f;
    private const float C3 = 0.05550713273542586f;
    private const float C4 = 0.00967554133421605f;
    private const float C5 = 0.0013276471979478776f;

    /// <summary>2^x, relative error below 3e-7; 0 below the normal range (x &lt; -126), capped above 2^127; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp2(Vector<float> x)
    {
        var tooSmall = Vector.LessThan(x, new Vector<float>(-126f));
        var power = Power(Vector.MinNative(new Vector<float>(127f), x));
        return Vector.AsVectorSingle(Vector.AndNot(Vector.AsVectorInt32(power), tooSmall));
    }

    /// <summary>2^x for x of at most 127, and 2^-126 for all below -126.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp2Floored(Vector<float> x) => Power(Vector.MaxNative(new Vector<float>(-126f), x));

    /// <summary>e^x with the range of <see cref="Exp2"/>; relative error grows with |x| to about 1e-5 at 87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x) => Exp2(x * new Vector<float>(Log2E));

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector<float> values)
    {
        if (Vector<float>.Count == 16)
        {
            var wide = values.AsVector512();
            return Largest(Vector256.MaxNative(wide.GetLower(), wide.GetUpper()));
        }

        return Vector<float>.Count == 8 ? Largest(values.AsVector256()) : Largest(values.AsVector128());
    }

    /// <summary>2^x within the normal range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Power(Vector<float> x)
    {
        var whole = Vector.Round(x);
        var part = x - whole;
        var power = new Vector<float>(C5);
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C4));
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C3));
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C2));
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C1));
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C0));
        return Vector.AsVectorSingle(Vector.AsVectorInt32(power) + Vector.ShiftLeft(Vector.ConvertToInt32Native(whole), 23));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector256<float> values) => Largest(Vector128.MaxNative(values.GetLower(), values.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector128<float> values)
    {
        values = Vector128.MaxNative(values, Vector128.Shuffle(values, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(values, Vector128.Shuffle(values, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
