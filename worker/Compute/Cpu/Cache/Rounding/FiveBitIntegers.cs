using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>-16 to 15, as Q5_0 and, from its minimum on, Q5_1 have them.</summary>
internal readonly struct FiveBitIntegers : ILevels
{
    public static float First => -16;

    public static float Last => 15;

    public static float Level(int code) => code + First;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NearestCode(float x) => (int)(Math.Clamp(MathF.Round(x), First, Last) - First);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Nearest(Vector<float> x) => Vector.ClampNative(Vector.Round(x), new Vector<float>(First), new Vector<float>(Last));
}
