using Cluster.Compute.Devices;

namespace Cluster.Compute.Gpu;

/// <summary>The devices of one kind of driver: lists them and opens one, and says in a line why that cannot be.</summary>
/// <param name="kind">The first part of their identities.</param>
/// <param name="name">The kind, for people.</param>
/// <param name="all">What there is, in the order of ordinals; may find that the driver fails or is not there.</param>
/// <param name="describe">What is told of one.</param>
internal sealed class DriverDevices<TInfo>(string kind, string name, Func<TInfo[]> all, Func<TInfo, DeviceDescription> describe)
{
    /// <inheritdoc cref="IDeviceProvider.List"/>
    public IReadOnlyList<DeviceDescription> List(out string? unavailable)
    {
        try
        {
            var devices = Array.ConvertAll(all(), one => describe(one));
            unavailable = devices.Length == 0 ? $"there is no {name} device" : null;
            return devices;
        }
        catch (Exception e) when (e is DriverException or DeviceUnavailableException)
        {
            unavailable = e.Message;
            return [];
        }
    }

    /// <inheritdoc cref="IDeviceProvider.Open"/>
    public IDevice Open(int ordinal, Func<TInfo, DeviceDescription, IDevice> open)
    {
        try
        {
            var devices = all();
            if (ordinal >= devices.Length)
                throw NotAvailable(ordinal, $"there {(devices.Length == 1 ? $"is 1 {name} device" : $"are {devices.Length} {name} devices")}");
            return open(devices[ordinal], describe(devices[ordinal]));
        }
        catch (DriverException e)
        {
            throw NotAvailable(ordinal, e.Message);
        }
    }

    private DeviceUnavailableException NotAvailable(int ordinal, string why) => new($"{kind}:{ordinal} is not available: {why}");
}
