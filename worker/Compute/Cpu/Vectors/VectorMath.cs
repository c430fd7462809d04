using System.Numerics;
using System.Runtime.CompilerServices;

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
        var capped = Vector.MinNative(new Vector<float>(127f), x);
        var whole = Vector.Round(capped);
        var part = capped - whole;
        var power = new Vector<float>(C5);
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C4));
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C3));
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C2));
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C1));
        power = Vector.MultiplyAddEstimate(power, part, new Vector<float>(C0));
        var scaled = Vector.AsVectorInt32(power) + Vector.ShiftLeft(Vector.ConvertToInt32Native(whole), 23);
        var tooSmall = Vector.LessThan(x, new Vector<float>(-126f));
        return Vector.AsVectorSingle(Vector.AndNot(scaled, tooSmall));
    }

    /// <summary>e^x with the range of <see cref="Exp2"/>; relative error grows with |x| to about 1e-5 at 87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x) => Exp2(x * new Vector<float>(Log2E));
}
