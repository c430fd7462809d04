using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>The 16 levels of IQ4_NL. Midpoints between neighbours are whole or half, so a table in steps of a half finds the nearest.</summary>
internal readonly unsafe struct NonLinearLevels : ILevels
{
    /// <summary>Entry i is of [i / 2 - Origin, (i + 1) / 2 - Origin).</summary>
    private const int Entries = 512;

    private const int Origin = 128;

    private static readonly byte* s_codes = (byte*)NativeMemory.Alloc(Entries);

    private static readonly float* s_levels = (float*)NativeMemory.Alloc(Entries, sizeof(float));

    static NonLinearLevels()
    {
        for (var i = 0; i < Entries; i++)
        {
            var middle = i * 0.5f + 0.25f - Origin;
            var nearest = 0;
            for (var code = 1; code < IQ4_NLLevels.All.Length; code++)
            {
                if (MathF.Abs(IQ4_NLLevels.All[code] - middle) < MathF.Abs(IQ4_NLLevels.All[nearest] - middle)) nearest = code;
            }

            s_codes[i] = (byte)nearest;
            s_levels[i] = IQ4_NLLevels.All[nearest];
        }
    }

    public static float First => -127;

    public static float Last => 113;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Level(int code) => IQ4_NLLevels.All[code];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NearestCode(float x) => s_codes[Entry(x)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Nearest(Vector<float> x)
    {
        if (Avx2.IsSupported && Vector<float>.Count == 8)
        {
            var halves = Vector.Floor(x * 2) + new Vector<float>(2 * Origin);
            var entries = Vector.ConvertToInt32(Vector.ClampNative(halves, Vector<float>.Zero, new Vector<float>(Entries - 1)));
            return Avx2.GatherVector256(s_levels, entries.AsVector256(), sizeof(float)).AsVector();
        }

        var nearest = default(Vector<float>);
        for (var i = 0; i < Vector<float>.Count; i++) nearest = nearest.WithElement(i, s_levels[Entry(x[i])]);
        return nearest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Entry(float x) => (int)Math.Clamp(MathF.Floor(x * 2) + 2 * Origin, 0, Entries - 1);
}
