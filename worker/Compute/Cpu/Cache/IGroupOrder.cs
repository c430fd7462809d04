namespace Cluster.Compute.Cpu.Cache;

/// <summary>Where element <c>element</c> of the row in slot <c>slot</c> (0 to 15) of a group stands among the group's elements.</summary>
internal interface IGroupOrder
{
    /// <summary>For integer codes.</summary>
    static abstract int Code(int slot, int element, int headDim);

    /// <summary>For elements computed with as f32.</summary>
    static abstract int Element(int slot, int element, int headDim);
}
