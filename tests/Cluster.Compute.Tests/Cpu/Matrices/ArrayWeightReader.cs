using Cluster.Compute.Devices;

namespace Cluster.Compute.Tests.Cpu.Matrices;

/// <summary>A tensor whose bytes are in an array.</summary>
internal sealed class ArrayWeightReader(byte[] data) : IWeightReader
{
    /// <summary>Largest number of bytes read at once.</summary>
    public int LongestRead { get; private set; }

    public void Read(long offset, Span<byte> destination)
    {
        LongestRead = Math.Max(LongestRead, destination.Length);
        data.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }

    public unsafe bool TryMap(out byte* data)
    {
        data = null;
        return false;
    }
}
