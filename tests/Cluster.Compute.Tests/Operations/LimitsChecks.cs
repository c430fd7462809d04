using Cluster.Compute.Devices;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What every device's limits are held to.</summary>
internal static class LimitsChecks
{
    public static void BothAreMeasured(IDevice device)
    {
        var limits = device.MeasureLimits()!.Value;
        Assert.True(limits.ReadBytesPerSecond > 0 && double.IsFinite(limits.ReadBytesPerSecond));
        Assert.True(limits.MultiplyAddsPerSecond > 0 && double.IsFinite(limits.MultiplyAddsPerSecond));
    }
}
