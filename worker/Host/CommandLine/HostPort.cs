using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cluster.Worker.CommandLine;

/// <summary>Where a program listens or is reached: a name or address and a port. An IPv6 address stands in brackets.</summary>
internal readonly record struct HostPort(string Host, int Port)
{
    /// <summary>Parses HOST:PORT; port 0 is allowed, which lets the system choose.</summary>
    public static bool TryParse(string? text, out HostPort address)
    {
        address = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > ushort.MaxValue)
            return false;

        var host = text![..colon];
        if (host.Contains(':') != (host[0] == '[' && host[^1] == ']')) return false;
        if (Uri.CheckHostName(host.Trim('[', ']')) == UriHostNameType.Unknown) return false;
        address = new HostPort(host, port);
        return true;
    }

    /// <summary>What to bind to: the address, this machine's own for <c>localhost</c>, every one for another name.</summary>
    public IPAddress ListenAddress =>
        Host == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(Host.Trim('[', ']'), out var address) ? address
        : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>Reached from this machine alone.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
