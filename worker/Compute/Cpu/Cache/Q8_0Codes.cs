using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Q8_0: a signed byte a code.</summary>
internal readonly unsafe struct Q8_0Codes : ICodeFormat
{
    public static TensorType Type => TensorType.Q8_0;

    public static int Bias => 0;

    public static int RunBytes => ICodeFormat.RunCodes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* run, int lane, out Vector<short> first, out Vector<short> second)
    {
        first = VectorLoad.WidenSigned((sbyte*)run + 2 * lane);
        second = VectorLoad.WidenSigned((sbyte*)run + 2 * lane + ICodeFormat.RunCodes / 2);
    }

    public static void Store(byte* runs, int index, byte* block, int element) => runs[index] = block[sizeof(ushort) + element];
}
