using Cluster.Compute.Cpu;
using Cluster.Compute.Cpu.Limits;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.Cpu.Limits;

public sealed class CpuLimitsTests
{
    public static TheoryData<string> InstructionSets => new(Enum.GetValues<CpuIsa>().Where(isa => isa.IsSupported).Select(isa => isa.ToString()));

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Products_of_every_instruction_set_are_counted(string isa)
    {
        using var team = new ThreadTeam(1);

        Assert.True(double.IsFinite(IntegerPeak.Create(Enum.Parse<CpuIsa>(isa), team).Measure()));
    }

    [Fact]
    public void A_device_measures_both_limits()
    {
        using var device = new CpuDeviceProvider().Open(0, new DeviceOptions { Threads = 2 });

        LimitsChecks.BothAreMeasured(device);
    }
}
