using Cluster.Compute.OpenCl;
using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClLimitsTests(OpenClTestDevice opencl)
{
    [OpenClFact]
    public void Limits_are_measured_beside_a_running_device() => LimitsChecks.BothAreMeasured(opencl.Device);

    [OpenClFact]
    public void A_device_without_memory_left_is_not_measured()
    {
        using var full = new OpenClContext(OpenClDeviceInfo.All()[0], memoryBytes: 1 << 20, cache: null);
        Assert.Null(OpenClLimits.Measure(full));
    }
}
