using System.Numerics;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Q4_0: of each run of 64 codes, byte i holds code i in its low nibble and code i + 32 in its high one, both plus 8.</summary>
internal readonly unsafe struct Q4_0Codes : ICodeFormat
{
    private const int RunCodes = 64;
    private const int RunBytes = 32;

    public static TensorType Type => TensorType.Q4_0;

    public static int PackedBytes(int count) => count / 2;

    public static void Unpack(byte* packed, short* codes, int count)
    {
        var nibble = new Vector<short>(0x0f);
        var offset = new Vector<short>(8);
        for (nint run = 0; run < count; run += RunCodes)
        {
            for (nint i = 0; i < RunBytes; i += Vector<short>.Count)
            {
                var both = VectorLoad.WidenUnsigned(packed + i);
                ((both & nibble) - offset).Store(codes + i);
                (Vector.ShiftRightLogical(both, 4) - offset).Store(codes + i + RunBytes);
            }

            packed += RunBytes;
            codes += RunCodes;
        }
    }

    public static void Store(byte* packed, int index, byte* block, int element)
    {
        var code = element < 16 ? block[sizeof(ushort) + element] & 0x0f : block[sizeof(ushort) + element - 16] >> 4;
        ref var target = ref packed[index / RunCodes * RunBytes + index % RunBytes];
        target = (byte)(index % RunCodes < RunBytes ? (target & 0xf0) | code : (target & 0x0f) | (code << 4));
    }
}
