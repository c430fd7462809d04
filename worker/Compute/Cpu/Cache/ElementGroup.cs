namespace Cluster.Compute.Cpu.Cache;

/// <summary>A group of sixteen rows of elements that stand alone.</summary>
internal static unsafe class ElementGroup<TElements, TOrder>
    where TElements : struct, IElementFormat
    where TOrder : struct, IGroupOrder
{
    public static void Write(byte* group, int slot, ReadOnlySpan<float> row)
    {
        for (var i = 0; i < row.Length; i++) TElements.Store(group, TOrder.Element(slot, i, row.Length), row[i]);
    }
}
