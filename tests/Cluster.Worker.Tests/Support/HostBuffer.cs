using Cluster.Compute.Devices;

namespace Cluster.Worker.Tests.Support;

/// <summary>A buffer of a device whose memory is the host's.</summary>
internal sealed class HostBuffer(float[] values) : DeviceBuffer(values.Length)
{
    public float[] Values => values;

    public override Span<float> ReadHost(int count) => values.AsSpan(0, count);

    public override Span<float> OverwriteHost(int count) => values.AsSpan(0, count);

    public override void WriteHost(int count)
    {
    }

    public override void Dispose()
    {
    }
}
