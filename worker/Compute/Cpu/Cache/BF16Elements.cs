using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

internal readonly unsafe struct BF16Elements : IElementFormat
{
    public static TensorType Type => TensorType.BF16;

    public static int ElementBytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Unpack(byte* packed, float* elements, int count)
    {
        nint i = 0;
        for (; i + 2 * Vector<float>.Count <= count; i += 2 * Vector<float>.Count)
        {
            VectorLoad.WidenBFloat((ushort*)packed + i).Store(elements + i);
            VectorLoad.WidenBFloat((ushort*)packed + i + Vector<float>.Count).Store(elements + i + Vector<float>.Count);
        }

        for (; i < count; i++) ((uint*)elements)[i] = (uint)((ushort*)packed)[i] << 16;
    }
}
