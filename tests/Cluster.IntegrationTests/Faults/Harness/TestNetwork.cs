using System.Diagnostics;
using System.Globalization;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>
/// Machines (network namespaces) at a switch (a bridge) of this one, which can be cut from it and from each other as by a dead switch port: what they
/// send is lost and nobody is told. Linux, and root.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    private static int s_last;

    // Interfaces have 15 letters at most, so the process and a number that other networks of it do not have.
    private readonly string _name = $"cl{Environment.ProcessId.ToString("x", CultureInfo.InvariantCulture)}n{Interlocked.Increment(ref s_last)}";
    private readonly string _subnet = $"10.{Environment.ProcessId / 256 % 256}.{(Environment.ProcessId + s_last) % 256}";
    private readonly int _machines;

    /// <exception cref="InvalidOperationException">This machine does not allow it, and why.</exception>
    public TestNetwork(int machines)
    {
        _machines = machines;
        Require("ip", "link", "add", _name, "type", "bridge");
        Require("ip", "addr", "add", $"{HostAddress}/24", "dev", _name);
        Require("ip", "link", "set", _name, "up");
        for (var machine = 0; machine < machines; machine++)
        {
            Require("ip", "netns", "add", Namespace(machine));
            Require("ip", "link", "add", Port(machine), "type", "veth", "peer", "name", "eth0", "netns", Namespace(machine));
            Require("ip", "link", "set", Port(machine), "master", _name, "up");
            Require("ip", "-n", Namespace(machine), "addr", "add", $"{Address(machine)}/24", "dev", "eth0");
            Require("ip", "-n", Namespace(machine), "link", "set", "eth0", "up");
            Require("ip", "-n", Namespace(machine), "link", "set", "lo", "up");
        }
    }

    /// <summary>Why there are none here; null where there are.</summary>
    public static string? Problem { get; } = FindProblem();

    /// <summary>Of this machine, on the network.</summary>
    public string HostAddress => $"{_subnet}.1";

    public string Address(int machine) => $"{_subnet}.{2 + machine}";

    /// <summary>What starts a program on a machine.</summary>
    public IReadOnlyList<string> Prefix(int machine) => ["ip", "netns", "exec", Namespace(machine)];

    public void Cut(int machine) => SetPort(machine, "disabled");

    public void Heal(int machine) => SetPort(machine, "forwarding");

    public void Dispose()
    {
        for (var machine = 0; machine < _machines; machine++)
        {
            Run("ip", "link", "del", Port(machine));
            Run("ip", "netns", "del", Namespace(machine));
        }

        Run("ip", "link", "del", _name);
    }

    private string Namespace(int machine) => $"{_name}m{machine}";

    private string Port(int machine) => $"{_name}p{machine}";

    private void SetPort(int machine, string state) => Require("bridge", "link", "set", "dev", Port(machine), "state", state);

    private static void Require(string program, params string[] arguments)
    {
        if (Run(program, arguments) is { } problem) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {problem}");
    }

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error.Trim();
    }

    private static string? FindProblem()
    {
        try
        {
            using var trial = new TestNetwork(1);
            trial.Cut(0);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"networks of namespaces cannot be made here: {e.Message}";
        }
    }
}
