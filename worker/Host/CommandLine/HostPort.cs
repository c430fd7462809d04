using System.Globalization;

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

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
