namespace Cluster.Compute.Cpu.Cache;

/// <summary>Where the rows of a group's slots (0 to 15) stand.</summary>
internal unsafe interface IGroupOrder
{
    /// <summary>Writes 32 codes, block <paramref name="block"/> of the slot's row, to the group's runs.</summary>
    static abstract void StoreCodes<TBits>(byte* group, int slot, int block, int headDim, byte* codes)
        where TBits : struct, ICodeBits;

    /// <inheritdoc cref="StoreCodes"/>
    static abstract void LoadCodes<TBits>(byte* group, int slot, int block, int headDim, byte* codes)
        where TBits : struct, ICodeBits;

    /// <summary>Index of a row's first element among the group's, for elements computed with as f32.</summary>
    static abstract int FirstElement(int slot, int headDim);

    /// <summary>From each element of a row to its next.</summary>
    static abstract int ElementStride { get; }
}
