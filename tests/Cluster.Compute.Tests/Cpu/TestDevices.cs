using Cluster.Compute.Cpu;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Tests.Cpu;

internal static class TestDevices
{
    public static IDevice Open(int threads) => new CpuDeviceProvider().Open(0, new DeviceOptions { Threads = threads });

    /// <summary>A buffer that holds <paramref name="values"/>.</summary>
    public static DeviceBuffer Buffer(this IDevice device, float[] values)
    {
        var buffer = device.Allocate(values.Length);
        values.CopyTo(buffer.OverwriteHost(values.Length));
        buffer.WriteHost(values.Length);
        return buffer;
    }

    public static float[] ToArray(this DeviceBuffer buffer) => buffer.ReadHost((int)buffer.Count).ToArray();
}
