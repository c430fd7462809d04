using System.Numerics;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Q8_0: a byte a code.</summary>
internal readonly unsafe struct Q8_0Codes : ICodeFormat
{
    public static TensorType Type => TensorType.Q8_0;

    public static int PackedBytes(int count) => count;

    public static void Unpack(byte* packed, short* codes, int count)
    {
        for (nint i = 0; i < count; i += Vector<short>.Count) VectorLoad.WidenSigned((sbyte*)packed + i).Store(codes + i);
    }

    public static void Store(byte* packed, int index, byte* block, int element) => packed[index] = block[sizeof(ushort) + element];
}
