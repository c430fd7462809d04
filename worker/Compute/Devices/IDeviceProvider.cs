namespace Cluster.Compute.Devices;

/// <summary>A kind of device. Providers are found at start; one that has no driver lists no devices and says why.</summary>
public interface IDeviceProvider
{
    /// <summary>The part of a device id before the colon: <c>cpu</c>, <c>cuda</c>, <c>opencl</c>.</summary>
    string Kind { get; }

    /// <summary>The devices here, or none and the reason in <paramref name="unavailable"/>.</summary>
    IReadOnlyList<DeviceDescription> List(out string? unavailable);

    /// <summary>How ranks on several devices of this kind sum, in one line; null where there is nothing to tell.</summary>
    string? DescribeGroups() => null;

    /// <summary>Opens device <paramref name="ordinal"/>. A missing device is a <see cref="DeviceUnavailableException"/>.</summary>
    IDevice Open(int ordinal, DeviceOptions options);
}
