using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>-8 to 7 in four bits, -16 to 15 in five: the levels of Q4_0 and Q5_0, and, from their minimum on, of Q4_1 and Q5_1.</summary>
internal readonly struct SignedIntegers<TBits> : ILevels
    where TBits : struct, ICodeBits
{
    public static float First => -(1 << (TBits.RunBytes * 8 / ICodeBits.RunCodes - 1));

    public static float Last => -First - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Level(int code) => code + First;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NearestCode(float x) => (int)(Math.Clamp(MathF.Round(x), First, Last) - First);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Nearest(Vector<float> x) => Vector.ClampNative(Vector.Round(x), new Vector<float>(First), new Vector<float>(Last));
}
