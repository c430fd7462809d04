using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

internal readonly unsafe struct F32Elements : IElementFormat
{
    public static TensorType Type => TensorType.F32;

    public static int ElementBytes => sizeof(float);

    public static void Unpack(byte* packed, float* elements, int count) =>
        new ReadOnlySpan<float>(packed, count).CopyTo(new Span<float>(elements, count));
}
