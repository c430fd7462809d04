using System.Globalization;
using Cluster.Compute.Cpu;
using Cluster.Compute.Cuda;
using Cluster.Compute.Devices;
using Cluster.Compute.OpenCl;

namespace Cluster.Worker.Hosting;

/// <summary>The devices that this program can open.</summary>
internal static class DeviceCatalog
{
    private static readonly IDeviceProvider[] s_providers = [new CpuDeviceProvider(), new CudaDeviceProvider(), new OpenClDeviceProvider()];

    /// <summary>Each kind with its devices, or with the reason why it has none.</summary>
    public static IEnumerable<DeviceListing> List()
    {
        foreach (var provider in s_providers)
        {
            var devices = provider.List(out var unavailable);
            yield return new DeviceListing(provider.Kind, devices, unavailable) { Groups = devices.Count > 1 ? provider.DescribeGroups() : null };
        }
    }

    /// <param name="id">KIND or KIND:ORDINAL.</param>
    /// <param name="options">How to open it.</param>
    /// <exception cref="DeviceUnavailableException">There is no such device here.</exception>
    public static IDevice Open(string id, DeviceOptions options)
    {
        var colon = id.IndexOf(':');
        var kind = colon < 0 ? id : id[..colon];
        var ordinal = 0;
        if (colon >= 0 && !int.TryParse(id.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ordinal))
            throw new DeviceUnavailableException($"'{id}' is not a device: KIND or KIND:NUMBER is wanted, as in cpu");

        var provider = Array.Find(s_providers, provider => provider.Kind == kind)
            ?? throw new DeviceUnavailableException(
                $"there is no device kind '{kind}' (known: {string.Join(", ", Array.ConvertAll(s_providers, provider => provider.Kind))})");
        if (provider.List(out var unavailable).Count == 0)
            throw new DeviceUnavailableException($"device {id} is not available: {unavailable}");
        return provider.Open(ordinal, options);
    }
}
