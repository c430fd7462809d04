using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Cluster.IntegrationTests.Faults;

/// <summary>A network namespace of this machine behind a link that can be cut, as a cable is pulled: nobody is told.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private readonly string _name = $"cluster{Environment.ProcessId}";
    private readonly string _link = $"cl{Environment.ProcessId}";
    private readonly string _subnet = $"10.{Environment.ProcessId / 256 % 256}.{Environment.ProcessId % 256}";

    public NetworkNamespace()
    {
        Require("netns", "add", _name);
        Require("link", "add", _link, "type", "veth", "peer", "name", "eth0", "netns", _name);
        Require("addr", "add", $"{HostAddress}/24", "dev", _link);
        Require("link", "set", _link, "up");
        Require("-n", _name, "addr", "add", $"{Address}/24", "dev", "eth0");
        Require("-n", _name, "link", "set", "eth0", "up");
        Require("-n", _name, "link", "set", "lo", "up");
    }

    /// <summary>Why there are none here; null where there are.</summary>
    public static string? Problem { get; } = FindProblem();

    /// <summary>Of the machine, on the link.</summary>
    public string HostAddress => $"{_subnet}.1";

    /// <summary>Of the namespace, on the link.</summary>
    public string Address => $"{_subnet}.2";

    /// <summary>What starts a program inside.</summary>
    public string[] Prefix => ["ip", "netns", "exec", _name];

    public int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(HostAddress), 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    // Inside, so that neither side's own interface goes down.
    public void Cut() => Require("-n", _name, "link", "set", "eth0", "down");

    public void Heal() => Require("-n", _name, "link", "set", "eth0", "up");

    public void Dispose()
    {
        Run("link", "del", _link);
        Run("netns", "del", _name);
    }

    private static void Require(params string[] arguments)
    {
        if (Run(arguments) is { } problem) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {problem}");
    }

    private static string? Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error.Trim();
    }

    private static string? FindProblem()
    {
        try
        {
            using var trial = new NetworkNamespace();
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"network namespaces cannot be made here: {e.Message}";
        }
    }
}
