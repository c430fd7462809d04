using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Q4_0: byte i of a run holds code i, of the first pair, in its low nibble and code i + 32, of the second, in its high one.</summary>
internal readonly unsafe struct Q4_0Codes : ICodeFormat
{
    public static TensorType Type => TensorType.Q4_0;

    public static int Bias => 8;

    public static int RunBytes => ICodeFormat.RunCodes / 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* run, int lane, out Vector<short> first, out Vector<short> second)
    {
        var both = VectorLoad.WidenUnsigned(run + 2 * lane);
        first = both & new Vector<short>(0x0f);
        second = Vector.ShiftRightLogical(both, 4);
    }

    public static void Store(byte* runs, int index, byte* block, int element)
    {
        var code = element < 16 ? block[sizeof(ushort) + element] & 0x0f : block[sizeof(ushort) + element - 16] >> 4;
        ref var target = ref runs[index / ICodeFormat.RunCodes * RunBytes + index % RunBytes];
        target = (byte)(index % ICodeFormat.RunCodes < RunBytes ? (target & 0xf0) | code : (target & 0x0f) | (code << 4));
    }
}
