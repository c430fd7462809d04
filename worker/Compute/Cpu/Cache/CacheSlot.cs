namespace Cluster.Compute.Cpu.Cache;

/// <summary>A row's place in the cache: slot <paramref name="slot"/> (0 to 15) of a group.</summary>
internal readonly unsafe struct CacheSlot(byte* group, int slot)
{
    public readonly byte* Group = group;

    public int Slot => slot;
}
