namespace Cluster.Compute.Cpu.Cache;

/// <summary>A group of sixteen rows of elements that stand alone.</summary>
internal static unsafe class ElementGroup<TElements, TOrder>
    where TElements : struct, IElementFormat
    where TOrder : struct, IGroupOrder
{
    public static void Store(byte* group, int slot, byte* row, int headDim)
    {
        var target = group + TOrder.FirstElement(slot, headDim) * TElements.ElementBytes;
        Copy(row, 1, target, TOrder.ElementStride, headDim);
    }

    public static void Load(byte* group, int slot, byte* row, int headDim)
    {
        var source = group + TOrder.FirstElement(slot, headDim) * TElements.ElementBytes;
        Copy(source, TOrder.ElementStride, row, 1, headDim);
    }

    private static void Copy(byte* source, nint sourceStride, byte* target, nint targetStride, int count)
    {
        if (TElements.ElementBytes == sizeof(ushort))
        {
            for (nint i = 0; i < count; i++) ((ushort*)target)[i * targetStride] = ((ushort*)source)[i * sourceStride];
        }
        else
        {
            for (nint i = 0; i < count; i++) ((uint*)target)[i * targetStride] = ((uint*)source)[i * sourceStride];
        }
    }
}
