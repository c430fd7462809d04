using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

internal readonly unsafe struct F16Elements : IElementFormat
{
    public static TensorType Type => TensorType.F16;

    public static int ElementBytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Unpack(byte* packed, float* elements, int count)
    {
        nint i = 0;
        for (; i + 4 * Vector<float>.Count <= count; i += 4 * Vector<float>.Count)
        {
            VectorLoad.WidenHalf((ushort*)packed + i).Store(elements + i);
            VectorLoad.WidenHalf((ushort*)packed + i + Vector<float>.Count).Store(elements + i + Vector<float>.Count);
            VectorLoad.WidenHalf((ushort*)packed + i + 2 * Vector<float>.Count).Store(elements + i + 2 * Vector<float>.Count);
            VectorLoad.WidenHalf((ushort*)packed + i + 3 * Vector<float>.Count).Store(elements + i + 3 * Vector<float>.Count);
        }

        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count) VectorLoad.WidenHalf((ushort*)packed + i).Store(elements + i);
        for (; i < count; i++) elements[i] = (float)((Half*)packed)[i];
    }
}
