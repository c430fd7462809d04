using System.Net;
using System.Net.Sockets;
using Cluster.Worker.CommandLine;

namespace Cluster.Worker.Hosting;

/// <summary>The host name or address under which others reach this worker.</summary>
internal static class AdvertisedAddress
{
    /// <summary>
    /// The address listened on; for one that means every interface, the one that packets to the coordinator leave by.
    /// </summary>
    /// <exception cref="WorkerException">The coordinator's name is not known, or there is no way to it.</exception>
    public static async Task<string> ChooseHostAsync(WorkerOptions options, CancellationToken cancellationToken)
    {
        if (options.Advertise is { } advertised) return advertised.Host;
        if (!IPAddress.TryParse(options.Listen.Host.Trim('[', ']'), out var listen)) return options.Listen.Host;
        if (!listen.Equals(IPAddress.Any) && !listen.Equals(IPAddress.IPv6Any)) return options.Listen.Host;
        try
        {
            // Connecting a datagram socket sends nothing; it only chooses the route.
            var coordinator = await Dns.GetHostAddressesAsync(options.Coordinator.Host.Trim('[', ']'), cancellationToken).ConfigureAwait(false);
            using var probe = new Socket(coordinator[0].AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await probe.ConnectAsync(coordinator[0], Math.Max(1, options.Coordinator.Port), cancellationToken).ConfigureAwait(false);
            var local = ((IPEndPoint)probe.LocalEndPoint!).Address;
            return local.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{local}]" : local.ToString();
        }
        catch (SocketException e)
        {
            throw new WorkerException($"cannot reach the coordinator at {options.Coordinator}: {e.Message}");
        }
    }
}
