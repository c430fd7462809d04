using Cluster.Compute.Cpu;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Tests.Cpu;

public class CpuDeviceProviderTests
{
    [Fact]
    public void The_one_device_is_described()
    {
        var provider = new CpuDeviceProvider();
        var device = Assert.Single(provider.List(out var unavailable));
        Assert.Null(unavailable);
        Assert.Equal("cpu", device.Id);
        Assert.Equal(Environment.ProcessorCount, device.Threads);
        Assert.NotEmpty(device.Name);
        Assert.Equal(CpuIsa.Best.Name, device.Kernels);
        Assert.True(device.MemoryBytes > 1 << 20);
    }

    [Fact]
    public void Threads_are_those_asked_for()
    {
        using var device = new CpuDeviceProvider().Open(0, new DeviceOptions { Threads = 3 });
        Assert.Equal(3, device.Description.Threads);
    }

    [Fact]
    public void There_is_no_second_device()
    {
        var exception = Assert.Throws<DeviceUnavailableException>(() => new CpuDeviceProvider().Open(1, new DeviceOptions()));
        Assert.Contains("cpu:1", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model name\t: AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763 64-Core Processor")]
    [InlineData("Model\t\t: Raspberry Pi 5 Model B Rev 1.0", "Raspberry Pi 5 Model B Rev 1.0")]
    [InlineData("CPU implementer\t: 0x41", null)]
    public void The_name_is_found_in_a_processor_description(string line, string? name) =>
        Assert.Equal(name, ProcessorInfo.NameIn(["processor\t: 0", "flags", line, "bogomips\t: 4499.99"]));
}
