namespace Cluster.Compute.Devices;

/// <summary>An f32 buffer in a device's memory, with a host view for collectives and stage hand-over.</summary>
public abstract class DeviceBuffer(long count) : IDisposable
{
    /// <summary>Elements.</summary>
    public long Count { get; } = count;

    /// <summary>
    /// The first <paramref name="count"/> elements as host memory, current with every operation queued so far. On a host device it is
    /// the buffer itself; on others a pinned copy, which <see cref="WriteHost"/> sends back.
    /// </summary>
    public abstract Span<float> ReadHost(int count);

    /// <summary>A host view of the first <paramref name="count"/> elements whose old content is not needed.</summary>
    public abstract Span<float> OverwriteHost(int count);

    /// <summary>Makes the device see what was written to the host view of the first <paramref name="count"/> elements.</summary>
    public abstract void WriteHost(int count);

    public abstract void Dispose();

    /// <exception cref="ArgumentOutOfRangeException">There are fewer elements.</exception>
    private protected void CheckView(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
    }
}
